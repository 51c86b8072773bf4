import {
  type GraphProto,
  TensorProto_DataLocation as Location,
  type TensorProto,
  TensorProto_DataType as Type,
} from 'onnx-buf'
import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'
import { allGraphs } from './subgraphs.ts'

/** Bits of an element, for types whose bytes are stored as they are; of others only the runtime knows. */
const bits: Readonly<Partial<Record<Type, number>>> = {
  [Type.FLOAT]: 32,
  [Type.UINT8]: 8,
  [Type.INT8]: 8,
  [Type.UINT16]: 16,
  [Type.INT16]: 16,
  [Type.INT32]: 32,
  [Type.INT64]: 64,
  [Type.BOOL]: 8,
  [Type.FLOAT16]: 16,
  [Type.DOUBLE]: 64,
  [Type.UINT32]: 32,
  [Type.UINT64]: 64,
  [Type.COMPLEX64]: 64,
  [Type.COMPLEX128]: 128,
  [Type.BFLOAT16]: 16,
}

/**
 * Throws unless every tensor of a graph has as many bytes as its shape says, in the file or in one that lies beside it.
 *
 * @throws OpsinError `FORMAT`
 */
export function requireSoundTensors(graph: GraphProto, where: string, beside: ReadonlyMap<string, number>): void {
  for (const { tensors } of allGraphs(graph)) {
    for (const tensor of tensors) requireSound(tensor, `${where}: tensor ${show(tensor.name)}`, beside)
  }
}

function requireSound(tensor: TensorProto, where: string, beside: ReadonlyMap<string, number>): void {
  const { dims, dataType, rawData, dataLocation } = tensor
  const fail = (expected: string, got: string) => new OpsinError('FORMAT', { where, expected, got })
  let elements = 1
  for (const size of dims) {
    elements *= Number(size)
    if (size < 0n || !Number.isSafeInteger(elements))
      throw fail('sizes of 0 or more, and of memory', `[${dims.join(', ')}]`)
  }
  const each = bits[dataType as Type]
  const wanted = each === undefined ? undefined : (elements * each) / 8
  if (dataLocation === Location.EXTERNAL) {
    requireBeside(tensor, where, beside, wanted)
    return
  }
  const typed = typedNumbers(tensor)
  if (typed === 0 && wanted !== undefined && rawData.length !== wanted) {
    throw fail(`${wanted} bytes for [${dims.join(', ')}]`, `${rawData.length}`)
  }
  if (typed > 0 && typed < elements && each !== undefined) throw fail(`${elements} numbers`, `${typed}`)
}

/** Numbers in the fields by type, where there are any. */
function typedNumbers({ floatData, int32Data, int64Data, doubleData, uint64Data, stringData }: TensorProto): number {
  return [floatData, int32Data, int64Data, doubleData, uint64Data, stringData].reduce(
    (sum, { length }) => sum + length,
    0,
  )
}

/** Throws unless the bytes are a part of a file that is at hand, in the same folder. */
function requireBeside(
  { externalData }: TensorProto,
  where: string,
  beside: ReadonlyMap<string, number>,
  wanted: number | undefined,
): void {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]))
  const location = entries.get('location') ?? ''
  const fail = (expected: string, got: string, hint?: string) =>
    new OpsinError('FORMAT', { where, expected, got, ...(hint === undefined ? {} : { hint }) })
  if (location === '' || /[/\\:]|^\.+$|\0/.test(location)) {
    throw fail('data in a file of the same folder', show(location), 'A file must not read what lies elsewhere.')
  }
  const size = beside.get(location)
  if (size === undefined) {
    throw fail(
      'the file that holds its data',
      `no ${show(location)}`,
      `Give its bytes: { externalData: { ${show(location)}: … } }.`,
    )
  }
  const offset = Number(entries.get('offset') ?? 0)
  const length = Number(entries.get('length') ?? size - offset)
  const inside = [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) && offset + length <= size
  if (!inside) throw fail(`bytes inside the ${size} of ${show(location)}`, `${length} from ${offset} on`)
  if (wanted !== undefined && length !== wanted) throw fail(`${wanted} bytes`, `${length}`)
}
