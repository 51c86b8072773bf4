import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { readNpy, writeNpy } from '../../src/io/index.ts'
import { anyTensor, endsWell, opsinError } from './arbitraries.ts'

/** A file as numpy writes it, with any header text. */
function file(header: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`)
  const lengthBytes = version === 1 ? 2 : 4
  const bytes = new Uint8Array(8 + lengthBytes + text.length + data.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  bytes[8] = text.length & 255
  bytes[9] = text.length >> 8
  bytes.set(text, 8 + lengthBytes)
  bytes.set(data, 8 + lengthBytes + text.length)
  return bytes
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`

describe('npy', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(anyTensor, ({ shape, data }) => {
        const read = readNpy(writeNpy({ shape, data }))
        expect(read.shape).toEqual(shape)
        expect(read.data).toStrictEqual(data)
      }),
    )
  })

  test('the header is byte for byte the one that numpy writes', () => {
    const bytes = writeNpy(tensor([2, 3], new Float32Array(6)))
    // numpy.save(path, numpy.zeros((2, 3), '<f4')), first 128 bytes
    const expected = "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    expect(String.fromCharCode(...bytes.subarray(0, 128))).toBe(`${expected.padEnd(127)}\n`)
    expect(String.fromCharCode(...writeNpy(tensor([5], new Int32Array(5))).subarray(10, 70))).toContain(
      "'shape': (5,), }",
    )
    expect(String.fromCharCode(...writeNpy(tensor([], new Float64Array(1))).subarray(10, 70))).toContain(
      "'shape': (), }",
    )
  })

  test('versions 1 and 2, and every type it says it reads', () => {
    const one = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0])
    expect(readNpy(file(header('<i4', '(1,)'), one.slice(0, 4), 2)).data).toStrictEqual(new Int32Array([1]))
    expect(readNpy(file(header('<i8', '(1,)'), one)).data).toStrictEqual(new Int32Array([1]))
    expect(readNpy(file(header('|u1', '(1, 2)'), new Uint8Array([9, 255]))).data).toStrictEqual(
      new Int32Array([9, 255]),
    )
    expect(readNpy(file(header('<f8', '()'), new Uint8Array([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]))).data[0]).toBe(1)
    expect(readNpy(file(header('<f4', '(2,)', 'True'), new Uint8Array(8))).shape).toEqual([2])
    const big = new Uint8Array([0, 0, 0, 0, 1, 0, 0, 0])
    expect(opsinError(() => readNpy(file(header('<i8', '(1,)'), big))).code).toBe('VALUE')
  })

  test.each([
    ['Fortran order', file(header('<f4', '(1, 1)', 'True'), new Uint8Array(4)), /ascontiguousarray/],
    ['big-endian', file(header('>f4', '(1,)'), new Uint8Array(4)), /astype/],
    ['objects', file(header('|O', '(1,)')), /astype/],
    ['version 3', file(header('<f4', '(0,)'), new Uint8Array(0), 3), /version 3/],
    ['another magic', new TextEncoder().encode('PK, no array at all'), /NUMPY/],
    ['no shape', file("{'descr': '<f4', 'fortran_order': False}"), /shape/],
    ['a negative size', file(header('<f4', '(-1,)')), /shape/],
    ['a hole in the shape', file(header('<f4', '(1,,2)'), new Uint8Array(8)), /shape/],
    ['a huge shape', file(header('<f4', '(99999999999, 99999999999)')), /shape/],
    ['too many data', file(header('<f4', '(1,)'), new Uint8Array(5)), /4 bytes/],
  ])('%s is a FORMAT error', (_, bytes, message) => {
    const error = opsinError(() => readNpy(bytes, 'q.npy'))
    expect(error.code).toBe('FORMAT')
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/^q\.npy/)
  })

  test('cut short anywhere is FORMAT; a flipped bit is read or refused', () => {
    const bytes = writeNpy(tensor([2, 2], new Float32Array([1, 2, 3, 4])))
    for (let length = 0; length < bytes.length; length++) {
      expect(opsinError(() => readNpy(bytes.subarray(0, length))).code).toBe('FORMAT')
    }
    for (let bit = 0; bit < 128 * 8; bit++) {
      const broken = bytes.slice()
      broken[bit >> 3] ^= 1 << (bit & 7)
      endsWell(() => readNpy(broken))
    }
    expect(opsinError(() => writeNpy({ shape: [3], data: new Float32Array(2) })).code).toBe('SHAPE')
  })
})
