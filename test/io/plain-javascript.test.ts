import { readNpy, readSafetensors, writeNpy, writeSafetensors } from 'opsin/io'
import { expect, it } from 'vitest'

const bytes = new Uint8Array(8)
const call =
  (run: (...args: any[]) => unknown, ...args: unknown[]) =>
  () =>
    run(...args)
const data = new Float32Array(2)

it.each<[string, () => unknown, RegExp]>([
  ['no bytes', call(readNpy), /readNpy: expected a Uint8Array, got nothing.*\[DTYPE\]/],
  ['a buffer', call(readSafetensors, bytes.buffer), /readSafetensors: expected a Uint8Array.*\[DTYPE\]/],
  ['a source of no name', call(readNpy, bytes, Symbol('x')), /source: expected a string, got Symbol\(x\).*\[VALUE\]/],
  ['no tensor', call(writeNpy), /writeNpy: expected a tensor.*\[VALUE\]/],
  ['bytes for a tensor', call(writeNpy, { shape: [8], data: bytes }), /Uint8Array of 8.*\[DTYPE\]/],
  ['no tensors', call(writeSafetensors), /writeSafetensors: expected tensors by name, got nothing.*\[VALUE\]/],
  ['a map', call(writeSafetensors, new Map()), /expected tensors by name.*\[VALUE\]/],
  ['a null among them', call(writeSafetensors, { a: null }), /tensor "a": expected a tensor.*null.*\[VALUE\]/],
  [
    'a number in the metadata',
    call(writeSafetensors, { a: { shape: [2], data } }, { step: 1 }),
    /metadata: step.*\[VALUE\]/,
  ],
])('%s', (_, run, message) => expect(run).toThrow(message))
