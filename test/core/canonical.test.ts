import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson, stableHash } from '../../src/core/canonical.ts'

it('is JSON, whatever the order of the keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(canonicalJson({ b: [undefined, 1], a: undefined, c: { z: 0, y: null } })).toBe(
    '{"b":[null,1],"c":{"y":null,"z":0}}',
  )
  expect(stableHash({ a: 1, b: 2 })).toBe(stableHash({ b: 2, a: 1 }))
})

const own: unknown[] = []
own.push(own, own)

it.each<[string, unknown]>([
  ['a BigInt', [1n]],
  ['a symbol', { a: Symbol('a') }],
  ['a function', () => 1],
  ['what holds itself', own],
])('%s is no JSON', (_, value) => expect(() => canonicalJson(value)).toThrow(/^JSON: expected .*\[VALUE\]$/))
