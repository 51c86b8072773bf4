import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { readSafetensors, writeSafetensors } from '../../src/io/index.ts'
import { anyTensor, endsWell, opsinError } from './arbitraries.ts'

// None ends in a backslash: once the V8 of Node 24.21 has parsed {"a":{},"\\":{}}, it reads the key of {"a":{},"\"":{}} as one.
const names = fc
  .oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0', 'a.b', '"', '\\"', '{', 'é'))
  .filter((name) => !name.endsWith('\\'))
const files = fc.record({
  tensors: fc.dictionary(
    names.filter((name) => name !== '__metadata__'),
    anyTensor,
    { maxKeys: 4 },
  ),
  metadata: fc.dictionary(names, fc.string(), { maxKeys: 3 }),
})

/** A file with this header text (or object) and so many bytes of data. */
function file(header: string | object, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 8)
  return bytes
}
const f32 = (shape: unknown, start: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [start, end] })

describe('safetensors', () => {
  test('what is written is read, with the same bits and names', () => {
    fc.assert(
      fc.property(files, ({ tensors, metadata }) => {
        const read = readSafetensors(writeSafetensors(tensors, metadata))
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort())
        for (const [name, { shape, data }] of Object.entries(tensors)) {
          expect(read.tensors[name].shape).toEqual(shape)
          expect(read.tensors[name].data).toStrictEqual(data)
        }
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort())
      }),
    )
  })

  test('equal contents give equal, aligned bytes in any order of the fields', () => {
    fc.assert(
      fc.property(files, ({ tensors, metadata }) => {
        const turned = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).reverse())
        const bytes = writeSafetensors(tensors, metadata)
        expect(writeSafetensors(turned(tensors), turned(metadata))).toEqual(bytes)
        const headerLength = new DataView(bytes.buffer).getUint32(0, true)
        expect(headerLength % 8).toBe(0)
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)))
        for (const [name, { data }] of Object.entries(tensors)) {
          expect(Object.getOwnPropertyDescriptor(header, name)?.value.data_offsets[0] % data.BYTES_PER_ELEMENT).toBe(0)
        }
      }),
    )
  })
})

describe('safetensors that lie', () => {
  test('a file cut short at any length is a FORMAT error', () => {
    const bytes = writeSafetensors(
      { a: tensor([3], new Float32Array([1, 2, 3])), b: tensor([1], new Float64Array([4])) },
      { step: '7' },
    )
    for (let length = 0; length < bytes.length; length++) {
      expect(opsinError(() => readSafetensors(bytes.subarray(0, length))).code).toBe('FORMAT')
    }
    expect(opsinError(() => readSafetensors(new Uint8Array([...bytes, 0]))).code).toBe('FORMAT')
  })

  test('a flipped bit or byte in the header is read or refused, never worse', () => {
    const bytes = writeSafetensors(
      { 'a"b': tensor([2, 1], new Float32Array(2)), c: tensor([2], new Int32Array(2)) },
      { k: 'v' },
    )
    const dataBytes = 16
    for (let bit = 0; bit < (bytes.length - dataBytes) * 8; bit++) {
      const broken = bytes.slice()
      broken[bit >> 3] ^= 1 << (bit & 7)
      endsWell(() => readSafetensors(broken))
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - dataBytes - 1), fc.nat(255), (at, value) => {
        const broken = bytes.slice()
        broken[at] = value
        endsWell(() => readSafetensors(broken))
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.uint8Array(), (random) => !endsWell(() => readSafetensors(random)) || random.length >= 10))
    fc.assert(fc.property(fc.json(), (json) => endsWell(() => readSafetensors(file(json))) || true))
  })

  test.each([
    [
      'a length beyond the file',
      (() => new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 123, 125]))(),
      /truncated/,
    ],
    ['no JSON', file('{"a":'), /JSON/],
    ['not an object', file('[1]'), /object/],
    ['a space first', file(' {}'), /object/],
    ['not UTF-8', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), /UTF-8/],
    ['a name twice', file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}'), /"a" twice/],
    ['a field twice', file('{"a":{"dtype":"F32","dtype":"F64","shape":[0],"data_offsets":[0,0]}}'), /"dtype" twice/],
    ['an unknown dtype', file({ a: { dtype: 'Q4', shape: [1], data_offsets: [0, 4] } }, 4), /F32.*"Q4"/],
    ['a dtype from the prototype', file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, 4), /dtype/],
    ['no entry', file({ a: null }), /dtype/],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), /shape/],
    ['a fractional size', file({ a: f32([0.5], 0, 2) }, 2), /shape/],
    ['a size beyond integers', file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), /shape/],
    ['no shape', file({ a: f32('2', 0, 8) }, 8), /shape/],
    ['offsets beyond the data', file({ a: f32([2], 0, 8) }, 4), /within 0..4/],
    ['offsets the wrong way', file({ a: f32([1], 4, 0) }, 4), /offsets/],
    ['offsets that are no integers', file({ a: f32([1], 0.5, 4.5) }, 8), /offsets/],
    ['three offsets', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 8), /offsets/],
    ['offsets that do not fit the shape', file({ a: f32([3], 0, 8) }, 8), /12 bytes/],
    ['tensors that overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), /overlap/],
    ['a hole', file({ a: f32([1], 4, 8) }, 8), /hole/],
    ['data of no tensor', file({ a: f32([1], 0, 4) }, 8), /4 bytes of data/],
    ['metadata that are not strings', file({ __metadata__: { step: 7 } }), /strings/],
    ['metadata that are a list', file({ __metadata__: ['x'] }), /strings/],
  ])('%s is a FORMAT error', (_, bytes, message) => {
    const error = opsinError(() => readSafetensors(bytes, 'run.safetensors'))
    expect(error.code).toBe('FORMAT')
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/^run\.safetensors/)
  })
})

describe('safetensors values', () => {
  test('I64 and U8 become 32-bit integers, or VALUE where one does not fit', () => {
    const long = (value: bigint) => {
      const bytes = file({ a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, 8)
      new DataView(bytes.buffer).setBigInt64(bytes.length - 8, value, true)
      return bytes
    }
    for (const value of [0, -1, 5, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(readSafetensors(long(BigInt(value))).tensors.a.data).toStrictEqual(new Int32Array([value]))
    }
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n]) {
      const error = opsinError(() => readSafetensors(long(value)))
      expect(error.code).toBe('VALUE')
      expect(error.got).toBe(`${value}`)
    }
    const bytes = file({ a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] } }, 2)
    bytes.set([7, 255], bytes.length - 2)
    expect(readSafetensors(bytes).tensors.a.data).toStrictEqual(new Int32Array([7, 255]))
  })

  test('what is read does not share memory with the file, aligned or not', () => {
    const written = writeSafetensors({ a: tensor([1], new Float64Array([3])) })
    const shifted = new Uint8Array(written.length + 3).subarray(3)
    shifted.set(written)
    const { a } = readSafetensors(shifted).tensors
    shifted.fill(0)
    expect(a.data[0]).toBe(3)
  })

  test('the writer refuses its own reserved name and tensors that do not fill their shape', () => {
    const data = new Float32Array(2)
    expect(opsinError(() => writeSafetensors({ __metadata__: tensor([2], data) })).code).toBe('NAME')
    expect(opsinError(() => writeSafetensors({ a: { shape: [3], data } })).code).toBe('SHAPE')
  })
})
