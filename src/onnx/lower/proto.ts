import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  type NodeProtoSchema,
  type TensorProtoSchema,
  TensorProto_DataType as Type,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import type { Shape } from '../../core/shape.ts'
import type { OnnxAttributes, ValueType } from '../../ops/define.ts'

/** ONNX's messages, as they are handed to the encoder. */
export type NodeMessage = MessageInitShape<typeof NodeProtoSchema>
export type TensorMessage = MessageInitShape<typeof TensorProtoSchema>
export type ValueMessage = MessageInitShape<typeof ValueInfoProtoSchema>

/** How long the axes of a value are: a number, or the name of a length that each run has its own of. */
export type Dims = readonly (number | string)[]

/** The number types that opsin writes. `bool` is for masks, `int64` for ONNX's own indices. */
export const dataTypes = {
  float: Type.FLOAT,
  double: Type.DOUBLE,
  int: Type.INT32,
  int64: Type.INT64,
  bool: Type.BOOL,
} as const

export type DataType = keyof typeof dataTypes

/** Numbers in the bytes that ONNX stores: little-endian, which is what typed arrays are on every machine that runs this. */
const encoders: Readonly<Record<DataType, (values: ArrayLike<number>) => ArrayBufferView>> = {
  float: (values) => (values instanceof Float32Array ? values : Float32Array.from(values)),
  double: (values) => (values instanceof Float64Array ? values : Float64Array.from(values)),
  int: (values) => (values instanceof Int32Array ? values : Int32Array.from(values)),
  int64: (values) => BigInt64Array.from(Array.from(values, BigInt)),
  bool: (values) => Uint8Array.from(values),
}

export function bytesOf(type: DataType, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = encoders[type](values)
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}

export function tensorMessage(
  name: string,
  type: DataType,
  shape: Shape,
  rawData: Uint8Array<ArrayBuffer>,
): TensorMessage {
  return { name, dataType: dataTypes[type], dims: shape.map(BigInt), rawData }
}

export function valueMessage(name: string, type: ValueType['dtype'] | 'bool', dims: Dims): ValueMessage {
  const dim = dims.map((n) => ({
    value:
      typeof n === 'string' ? { case: 'dimParam' as const, value: n } : { case: 'dimValue' as const, value: BigInt(n) },
  }))
  return { name, type: { value: { case: 'tensorType', value: { elemType: dataTypes[type], shape: { dim } } } } }
}

export function attributeMessages(attributes: OnnxAttributes): MessageInitShape<typeof AttributeProtoSchema>[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: Kind.INT, i: BigInt(value) }
    if (typeof value === 'string') return { name, type: Kind.STRING, s: new TextEncoder().encode(value) }
    if ('float' in value) return { name, type: Kind.FLOAT, f: value.float }
    return { name, type: Kind.INTS, ints: value.map(BigInt) }
  })
}
