import { TensorProto_DataType as Type, type ValueInfoProto } from 'onnx-buf'

/** The number types of ONNX, as its documentation writes them. */
const typeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Type).flatMap(([name, id]) => (typeof id === 'number' ? [[id, onnxName(name)]] : [])),
)

function onnxName(name: string): string {
  return name === 'FLOAT' ? 'float32' : name === 'DOUBLE' ? 'float64' : name.toLowerCase()
}

/** An input or output of an ONNX file. */
export interface OnnxValue {
  readonly name: string
  /** Such as `float32`, `int64`, `bool`; `unknown` where the file does not say, or where it is no tensor. */
  readonly type: string
  /** A number, the name of a length that each run chooses, or null where the file does not say; `undefined` for no rank at all. */
  readonly dims?: readonly (number | string | null)[]
}

export function describeValue({ name, type }: ValueInfoProto): OnnxValue {
  if (type?.value.case !== 'tensorType') return { name, type: 'unknown' }
  const { elemType, shape } = type.value.value
  const own = { name, type: typeNames.get(elemType) ?? 'unknown' }
  if (shape === undefined) return own
  const dims = shape.dim.map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value)
    return value.case === 'dimParam' && value.value !== '' ? value.value : null
  })
  return { ...own, dims }
}
