import { check, requireRecord, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { decodeText, formatError, quote, requireBytes, requireFileShape } from './format-error.ts'
import { readJson } from './json.ts'
import { bytesOf, formatOf, type NumberFormat, numberFormats } from './little-endian.ts'

/** Named tensors and named strings: what a safetensors file holds. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly metadata: Readonly<Record<string, string>>
}

const dtypes: Readonly<Record<string, NumberFormat>> = {
  F32: numberFormats.f32,
  F64: numberFormats.f64,
  I32: numberFormats.i32,
  I64: numberFormats.i64,
  U8: numberFormats.u8,
}
const metadataKey = '__metadata__'
/** The eight bytes that hold the header's length. */
const prefix = 8

interface Entry {
  readonly name: string
  readonly format: NumberFormat
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

function readHeader(bytes: Uint8Array, where: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < prefix) throw formatError(where, 'at least 8 bytes', `${bytes.length}`, 'Is the file truncated?')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  if (length > bytes.length - prefix) {
    throw formatError(
      where,
      `a header of at most ${bytes.length - prefix} bytes`,
      `${length}`,
      'Is the file truncated, or not safetensors at all?',
    )
  }
  const place = `${where}, header`
  const text = decodeText(place, bytes.subarray(prefix, prefix + length))
  const header = readJson(text, place)
  if (!text.startsWith('{')) throw formatError(place, 'a JSON object', quote(text.slice(0, 80)))
  return { header: header as Record<string, unknown>, data: bytes.subarray(prefix + length) }
}

function readMetadata(where: string, value: unknown): Record<string, string> {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
  if (!isObject || Object.values(value).some((text) => typeof text !== 'string')) {
    throw formatError(`${where}, ${metadataKey}`, 'an object of strings', quote(value))
  }
  return value as Record<string, string>
}

function readEntry(where: string, name: string, value: unknown, available: number): Entry {
  const place = `${where}, tensor ${quote(name)}`
  const { dtype, shape: sizes, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  const format = typeof dtype === 'string' && Object.hasOwn(dtypes, dtype) ? dtypes[dtype] : undefined
  if (format === undefined) throw formatError(place, `a dtype of ${Object.keys(dtypes).join(', ')}`, quote(dtype))
  const { shape, size } = requireFileShape(place, sizes)
  const isRange = Array.isArray(offsets) && offsets.length === 2 && offsets.every((n) => Number.isSafeInteger(n))
  const [start, end] = isRange ? offsets : [-1, -1]
  if (start < 0 || end < start || end > available) {
    throw formatError(place, `data offsets within 0..${available}`, quote(offsets), 'Is the file truncated?')
  }
  if (end - start !== size * format.bytes) {
    throw formatError(place, `${size * format.bytes} bytes for ${dtype} ${quote(shape)}`, `${end - start}`)
  }
  return { name, format, shape, start, end }
}

/** The tensors must tile the data: what overlaps, or belongs to none, is a lie or a loss. */
function requireTiling(where: string, entries: readonly Entry[], available: number): void {
  let end = 0
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) {
      const what = entry.start < end ? 'overlap with the one before' : 'a hole before it'
      throw formatError(`${where}, tensor ${quote(entry.name)}`, `data from offset ${end}`, `${entry.start}: ${what}`)
    }
    end = entry.end
  }
  if (end !== available) throw formatError(where, `${end} bytes of data`, `${available}`, 'Is the file damaged?')
}

/**
 * Reads a safetensors file from its bytes. F32, F64 and I32 stay what they are; I64 and U8 become 32-bit integers.
 * Everything is copied.
 *
 * @param source what to call the file in an error.
 * @throws OpsinError `FORMAT` when the bytes are anything but a well-formed file: truncated, an unknown dtype, data that
 *   does not fit its shape, overlaps or leaves holes, bad JSON, a name twice. `VALUE` when a 64-bit integer does not
 *   fit in 32 bits.
 * @example
 * import { tensor } from 'opsin'
 * import { readSafetensors, writeSafetensors } from 'opsin/io'
 * const bytes = writeSafetensors({ bias: tensor([2], new Float32Array([1, 2])) }, { step: '100' })
 * const { tensors, metadata } = readSafetensors(bytes)
 * if (tensors.bias.data[1] !== 2 || metadata.step !== '100') throw new Error('lost')
 */
export function readSafetensors(bytes: Uint8Array, source = 'safetensors'): TensorFile {
  requireBytes('readSafetensors', bytes, source)
  const { header, data } = readHeader(bytes, source)
  const { [metadataKey]: metadata, ...rest } = header
  const entries = Object.entries(rest).map(([name, value]) => readEntry(source, name, value, data.length))
  requireTiling(source, entries, data.length)
  const tensors = entries.map(({ name, format, shape, start, end }) => {
    const numbers = format.read(data.subarray(start, end), `${source}, tensor ${quote(name)}`)
    return [name, tensor(shape, numbers)] as const
  })
  return {
    tensors: Object.fromEntries(tensors),
    metadata: metadata === undefined ? {} : readMetadata(source, metadata),
  }
}

/** Wider numbers first, so that each tensor's bytes are aligned; then by name. */
function inFileOrder(tensors: Readonly<Record<string, Tensor>>): [string, Tensor][] {
  return Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  )
}

function requireWritable(tensors: TensorFile['tensors'], metadata: TensorFile['metadata']): void {
  for (const [name, tensor] of Object.entries(requireRecord('writeSafetensors', tensors, 'tensors by name'))) {
    const where = `writeSafetensors: tensor ${quote(name)}`
    if (name === metadataKey) {
      const expected = "another name, this one is the format's own"
      throw new OpsinError('NAME', { where, expected, got: quote(name) })
    }
    requireTensor(where, tensor as Tensor)
  }
  const where = 'writeSafetensors: metadata'
  for (const [key, value] of Object.entries(requireRecord(where, metadata, 'strings by name'))) {
    check(`${where}: ${key}`, value, text)
  }
}

function describe(entries: readonly [string, Tensor][], metadata: Readonly<Record<string, string>>): Uint8Array {
  const fields: [string, unknown][] = []
  const named = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  if (named.length > 0) fields.push([metadataKey, Object.fromEntries(named)])
  let offset = 0
  for (const [name, { shape, data }] of entries) {
    const end = offset + data.byteLength
    fields.push([name, { dtype: formatOf(data).toUpperCase(), shape, data_offsets: [offset, end] }])
    offset = end
  }
  const text = fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')
  return new TextEncoder().encode(`{${text}}`)
}

/**
 * Writes tensors as the bytes of a safetensors file (F32, F64, I32). Equal contents give equal bytes, whatever the order
 * of the fields: names and metadata are sorted, wider numbers come first, the header is padded to 8 bytes.
 *
 * @throws OpsinError `NAME` for a tensor called `__metadata__`; `VALUE`, `SHAPE` or `DTYPE` for what is no
 * tensor, and `VALUE` for metadata that are no strings.
 * @example
 * import { tensor } from 'opsin'
 * import { writeSafetensors } from 'opsin/io'
 * const bytes = writeSafetensors({ weight: tensor([1, 2], new Float32Array([1, 2])) })
 * if (bytes.length % 8 !== 0) throw new Error('not aligned')
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  requireWritable(tensors, metadata)
  const entries = inFileOrder(tensors)
  const header = describe(entries, metadata)
  const headerLength = Math.ceil(header.length / 8) * 8
  const dataLength = entries.reduce((sum, [, { data }]) => sum + data.byteLength, 0)
  const bytes = new Uint8Array(prefix + headerLength + dataLength)
  new DataView(bytes.buffer).setUint32(0, headerLength, true)
  bytes.fill(0x20, prefix, prefix + headerLength)
  bytes.set(header, prefix)
  let offset = prefix + headerLength
  for (const [, { data }] of entries) {
    bytes.set(bytesOf(data), offset)
    offset += data.byteLength
  }
  return bytes
}
