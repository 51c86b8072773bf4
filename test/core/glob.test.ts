import { expect, test } from 'vitest'
import { fitsGlob } from '../../src/core/glob.ts'

test.each<[string, string, boolean]>([
  ['*', 'blocks.0.attn.q.weight', true],
  ['blocks.0.*', 'blocks.0.attn.q.weight', true],
  ['blocks.0.*', 'blocks.01', false],
  ['*.bias', 'unembed.bias', true],
  ['*.bias', 'unembed.bias2', false],
  ['blocks.*.attn.*.weight', 'blocks.1.attn.v.weight', true],
  ['blocks.*.attn.*.weight', 'blocks.1.mlp.in.weight', false],
  ['blocks.*q*', 'blocks.q', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*a', 'aba', true],
  ['a*ba*a', 'aba', false],
  ['unembed', 'unembed.bias', false],
  ['unembed.bias', 'unembed.bias', true],
  ['un.mbed', 'unembed', false],
  ['', 'a', false],
])('%s on %s: %s', (glob, name, fits) => expect(fitsGlob(glob, name)).toBe(fits))
