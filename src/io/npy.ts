import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { decodeText, formatError, quote, requireBytes, requireFileShape } from './format-error.ts'
import { bytesOf, formatOf, type NumberFormat, numberFormats } from './little-endian.ts'

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
/** Where the header's length lies, by major version: its bytes. */
const lengthBytes: Readonly<Record<number, 2 | 4>> = { 1: 2, 2: 4 }

const readable: Readonly<Record<string, NumberFormat>> = {
  '<f4': numberFormats.f32,
  '<f8': numberFormats.f64,
  '<i4': numberFormats.i32,
  '<i8': numberFormats.i64,
  '|u1': numberFormats.u8,
}
const written = { f32: '<f4', f64: '<f8', i32: '<i4' } as const

function readHeader(bytes: Uint8Array, where: string): { header: string; data: Uint8Array } {
  if (bytes.length < 8 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw formatError(where, 'a file that starts with \\x93NUMPY and a version', quote(Array.from(bytes.slice(0, 8))))
  }
  const size = lengthBytes[bytes[6]]
  if (size === undefined) throw formatError(where, 'npy version 1 or 2', `version ${bytes[6]}`)
  const start = 8 + size
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length < start ? 0 : size === 2 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (bytes.length < start + length) {
    throw formatError(where, `at least ${start + length} bytes`, `${bytes.length}`, 'Is the file truncated?')
  }
  const end = start + length
  return { header: decodeText(`${where}, header`, bytes.subarray(start, end)), data: bytes.subarray(end) }
}

/** The three fields of the header, a Python dictionary in the one form that numpy writes. */
function parseHeader(
  where: string,
  header: string,
): { descr: string; fortran: boolean; shape: number[]; size: number } {
  const field = (name: string, value: string) => header.match(new RegExp(`'${name}': ${value}\\s*[,}]`))?.[1]
  const descr = field('descr', "'([^']*)'")
  const order = field('fortran_order', '(True|False)')
  const sizes = field('shape', '\\(([0-9, ]*)\\)')
  if (!/^\{.*\}\s*$/s.test(header) || descr === undefined || order === undefined || sizes === undefined) {
    throw formatError(`${where}, header`, "{'descr': ..., 'fortran_order': ..., 'shape': ...}", quote(header))
  }
  const parts = sizes.split(',').map((part) => part.trim())
  if (parts[parts.length - 1] === '') parts.pop()
  return {
    descr,
    fortran: order === 'True',
    ...requireFileShape(
      where,
      parts.map((n) => (n === '' ? -1 : Number(n))),
    ),
  }
}

/**
 * Reads a numpy `.npy` file (version 1 or 2) from its bytes: little-endian f4, f8, i4, i8 or u1 in C order. Floats keep
 * their width; integers become 32-bit. The data are copied.
 *
 * @param source what to call the file in an error.
 * @throws OpsinError `FORMAT` when the bytes are anything else, truncated or too long; `VALUE` when a 64-bit integer does
 *   not fit in 32 bits.
 * @example
 * import { tensor } from 'opsin'
 * import { readNpy, writeNpy } from 'opsin/io'
 * const { shape, data } = readNpy(writeNpy(tensor([2, 1], new Float32Array([3, 4]))))
 * if (shape[0] !== 2 || data[1] !== 4) throw new Error('lost')
 */
export function readNpy(bytes: Uint8Array, source = 'npy'): Tensor {
  requireBytes('readNpy', bytes, source)
  const { header, data } = readHeader(bytes, source)
  const { descr, fortran, shape, size } = parseHeader(source, header)
  const format = Object.hasOwn(readable, descr) ? readable[descr] : undefined
  if (format === undefined) {
    const types = Object.keys(readable).join(', ')
    throw formatError(source, `numbers of type ${types}`, quote(descr), "In numpy, save array.astype('<f4').")
  }
  if (fortran && shape.length > 1) {
    throw formatError(source, 'C order', 'Fortran order', 'In numpy, save numpy.ascontiguousarray(array).')
  }
  if (data.length !== size * format.bytes) {
    throw formatError(source, `${size * format.bytes} bytes of data for shape ${quote(shape)}`, `${data.length}`)
  }
  return tensor(shape, format.read(data, source))
}

/**
 * Writes a tensor as the bytes of a numpy `.npy` file: version 1, C order, `<f4`, `<f8` or `<i4`.
 *
 * @throws OpsinError `VALUE`, `SHAPE` or `DTYPE` for a value that is no tensor.
 * @example
 * import { tensor } from 'opsin'
 * import { writeNpy } from 'opsin/io'
 * const bytes = writeNpy(tensor([3], new Int32Array([1, 2, 3])))
 * if (bytes.length !== 128 + 12) throw new Error('numpy pads the header to 64 bytes')
 */
export function writeNpy(array: Tensor): Uint8Array<ArrayBuffer> {
  const { shape, data } = requireTensor('writeNpy', array)
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const fields = `{'descr': '${written[formatOf(data)]}', 'fortran_order': False, 'shape': (${sizes}), }`
  const start = Math.ceil((10 + fields.length + 1) / 64) * 64
  const bytes = new Uint8Array(start + data.byteLength)
  bytes.set([...magic, 1, 0])
  new DataView(bytes.buffer).setUint16(8, start - 10, true)
  bytes.set(new TextEncoder().encode(`${fields.padEnd(start - 11)}\n`), 10)
  bytes.set(bytesOf(data), start)
  return bytes
}
