import type { OrtModule, OrtTensor } from '../backends/onnx/ort.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { type Tensor, tensor } from '../core/tensor.ts'

/** Conversion of a number type to a runtime and back. */
interface TypeRule {
  /** The type of the numbers in opsin. */
  readonly expected: string
  fits(data: NumberArray): boolean
  encode(data: NumberArray): ArrayBufferView
  decode(data: any): NumberArray
}

const isInts = (data: NumberArray) => data instanceof Int32Array
const isFloats = (data: NumberArray) => data instanceof Float32Array || data instanceof Float64Array

const ints = (
  encode: TypeRule['encode'],
  decode: TypeRule['decode'] = (data) => Int32Array.from(data, Number),
): TypeRule => ({
  expected: 'integers (Int32Array)',
  fits: isInts,
  encode,
  decode,
})

const floats = (encode: TypeRule['encode'], decode: TypeRule['decode']): TypeRule => ({
  expected: 'floats (Float32Array or Float64Array)',
  fits: isFloats,
  encode,
  decode,
})

/** Large integers come back as floats, which hold them up to 2⁵³. */
const fromInt64 = (data: BigInt64Array): NumberArray => {
  const numbers = Float64Array.from(data, Number)
  return numbers.every((value) => value === (value | 0)) ? Int32Array.from(numbers) : numbers
}

/** The number types that a session carries, by ONNX's names. */
const types: Readonly<Record<string, TypeRule>> = {
  float32: floats(
    (data) => (data instanceof Float32Array ? data : Float32Array.from(data)),
    (data) => data as Float32Array,
  ),
  float64: floats(
    (data) => (data instanceof Float64Array ? data : Float64Array.from(data)),
    (data) => data as Float64Array,
  ),
  int32: ints(
    (data) => data,
    (data) => data as Int32Array,
  ),
  int64: ints((data) => BigInt64Array.from(Array.from(data, BigInt)), fromInt64),
  int8: ints((data) => Int8Array.from(data)),
  uint8: ints((data) => Uint8Array.from(data)),
  bool: ints((data) => Uint8Array.from(data)),
}

/** A tensor as a runtime takes it. @throws OpsinError `DTYPE` for numbers of another type than the file wants. */
export function toRuntime({ Tensor }: OrtModule, where: string, type: string, { shape, data }: Tensor): OrtTensor {
  const rule = ruleOf(where, type)
  if (!rule.fits(data)) {
    const expected = `${rule.expected} for an input of ${type}`
    throw new OpsinError('DTYPE', { where, expected, got: data.constructor.name })
  }
  return new Tensor(type, rule.encode(data), shape)
}

/** A runtime's tensor as ours: floats as floats, others as Int32Array. @throws OpsinError `DTYPE` for text and the like. */
export function fromRuntime(where: string, { type, dims, data }: OrtTensor, axes?: readonly string[]): Tensor {
  return tensor([...dims], ruleOf(where, type).decode(data), axes)
}

function ruleOf(where: string, type: string): TypeRule {
  if (Object.hasOwn(types, type)) return types[type]
  throw new OpsinError('DTYPE', { where, expected: Object.keys(types).join(' | '), got: type })
}
