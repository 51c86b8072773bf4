import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  TensorProto_DataType as Type,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import * as ort from 'onnxruntime-web'
import type { NumberArray } from '../../src/core/dtype.ts'
import { type Shape, sizeOf } from '../../src/core/shape.ts'
import type { OnnxAttributes, OnnxContext, ValueType } from '../../src/ops/define.ts'
import { inputName, type OpCase } from './op-case.ts'

ort.env.wasm.numThreads = 1

const output = 'output'

/** The output of each case, computed by ONNX Runtime from the op's lowering; all cases are one model. */
export async function runOnnx(cases: readonly OpCase[]): Promise<NumberArray[]> {
  const session = await ort.InferenceSession.create(writeModel(cases), { logSeverityLevel: 3 })
  const feeds = cases.flatMap((opCase, c) =>
    opCase.values.map(({ type, data }, i) => [
      `${prefix(c)}${inputName(i)}`,
      data instanceof Int32Array
        ? new ort.Tensor('int32', data, type.shape)
        : new ort.Tensor('float32', Float32Array.from(data), type.shape),
    ]),
  )
  const results = await session.run(Object.fromEntries(feeds))
  await session.release()
  return cases.map((opCase, c) => {
    const { dims, data } = results[`${prefix(c)}${output}`]
    if (dims.join() !== opCase.type.shape.join()) throw new Error(`ONNX gives [${dims}], not [${opCase.type.shape}]`)
    return data as NumberArray
  })
}

const prefix = (index: number) => `case${index}.`

function writeModel(cases: readonly OpCase[]): Uint8Array {
  const parts = cases.map((opCase, c) => lowered(opCase, prefix(c)))
  const graph = {
    name: 'op',
    node: parts.flatMap(({ nodes }) => nodes),
    initializer: parts.flatMap(({ initializers }) => initializers),
    input: cases.flatMap(({ values }, c) =>
      values.map(({ type }, i) => valueInfo(`${prefix(c)}${inputName(i)}`, type)),
    ),
    output: cases.map(({ type }, c) => valueInfo(`${prefix(c)}${output}`, type)),
  }
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], graph })
  return toBinary(ModelProtoSchema, model)
}

/** The nodes of one case; the last is an Identity that gives the result its name. */
function lowered({ op, values, call }: OpCase, own: string) {
  const nodes: MessageInitShape<typeof NodeProtoSchema>[] = []
  const initializers: MessageInitShape<typeof TensorProtoSchema>[] = []
  const initializer = (dataType: Type, shape: Shape, rawData: ArrayBufferView) => {
    const name = `${own}constant${initializers.length}`
    const bytes = new Uint8Array(rawData.buffer as ArrayBuffer)
    initializers.push({ name, dataType, dims: shape.map(BigInt), rawData: bytes })
    return name
  }
  const context: OnnxContext<unknown> = {
    ...call,
    names: values.map((_, i) => `${own}${inputName(i)}`),
    node(opType, input, attributes = {}) {
      const name = `${own}node${nodes.length}`
      nodes.push({ name, opType, input: [...input], output: [name], attribute: attributesOf(attributes) })
      return name
    },
    floats: (data, shape) => initializer(Type.FLOAT, shape, Float32Array.from(checked(data, shape))),
    int64s: (data, shape) => initializer(Type.INT64, shape, BigInt64Array.from(checked(data, shape), BigInt)),
    bools: (data, shape) => initializer(Type.BOOL, shape, Uint8Array.from(checked(data, shape))),
  }
  const result = op.onnx(context)
  nodes.push({ name: `${own}${output}`, opType: 'Identity', input: [result], output: [`${own}${output}`] })
  return { nodes, initializers }
}

function checked(data: ArrayLike<number>, shape: Shape): number[] {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for an ONNX constant of [${shape}]`)
  return Array.from(data)
}

function attributesOf(attributes: OnnxAttributes): MessageInitShape<typeof AttributeProtoSchema>[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: Kind.INT, i: BigInt(value) }
    if (typeof value === 'string') return { name, type: Kind.STRING, s: new TextEncoder().encode(value) }
    if ('float' in value) return { name, type: Kind.FLOAT, f: value.float }
    return { name, type: Kind.INTS, ints: value.map(BigInt) }
  })
}

function valueInfo(name: string, { shape, dtype }: ValueType): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((n) => ({ value: { case: 'dimValue' as const, value: BigInt(n) } }))
  const elemType = dtype === 'int' ? Type.INT32 : Type.FLOAT
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } }
}
