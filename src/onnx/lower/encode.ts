import { create, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf'
import { version } from '../../core/version.ts'
import { constantMessage } from './constants.ts'
import type { LoweredGraph } from './lower.ts'
import type { TensorMessage } from './proto.ts'

/** The operators that lowerings are written in, and the oldest form of file that holds them: the widest-read choice. */
const OPSET = 17n
const IR_VERSION = 8n

export interface EncodeOptions {
  /** Default `opsin`. */
  readonly name?: string
  /** Texts that the file carries, by name. */
  readonly metadata?: Readonly<Record<string, string>>
  /** From how many bytes on the large tensors come in a file of their own, and what it will be called; default never. */
  readonly external?: { readonly above: number; readonly location: string }
}

/** A file beside an ONNX file, for tensors. */
export interface ExternalData {
  /** Its name in the ONNX file: the two lie in one folder. */
  readonly location: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A lowered graph as the bytes of an ONNX file. */
export function encodeModel(
  { before, ops, copies, initializers: weights, constants, inputs, outputs }: LoweredGraph,
  { name = 'opsin', metadata = {}, external }: EncodeOptions = {},
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly externalData?: ExternalData } {
  const nodes = [...before, ...ops.flatMap((op) => op.nodes), ...copies]
  const read = new Set(nodes.flatMap(({ input = [] }) => input))
  const held = [...constants].flatMap(([own, constant]) => (read.has(own) ? [constantMessage(own, constant)] : []))
  const initializers = [...weights, ...held]
  const total = initializers.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0)
  const apart = external !== undefined && total >= external.above ? moveOut(initializers, external.location) : undefined
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'opsin',
    producerVersion: version,
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: nodes,
      initializer: [...(apart?.initializers ?? initializers)],
      input: [...inputs],
      output: [...outputs],
    },
  })
  const bytes = toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>
  return apart === undefined ? { bytes } : { bytes, externalData: apart.externalData }
}

/** The fewest bytes of a tensor that are worth a place in another file, and what its place there is a multiple of. */
const BLOCK = 256

/** Tensors whose bytes are in another file, and that file. */
function moveOut(initializers: readonly TensorMessage[], location: string) {
  let end = 0
  const places = initializers.map(({ rawData }) => {
    const length = rawData?.length ?? 0
    if (length < BLOCK) return undefined
    const offset = Math.ceil(end / BLOCK) * BLOCK
    end = offset + length
    return { offset, length }
  })
  const bytes = new Uint8Array(end)
  const moved = initializers.map((tensor, i): TensorMessage => {
    const place = places[i]
    if (place === undefined) return tensor
    const { rawData, ...rest } = tensor
    bytes.set(rawData as Uint8Array, place.offset)
    const entries = { location, offset: String(place.offset), length: String(place.length) }
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }))
    return { ...rest, dataLocation: TensorProto_DataLocation.EXTERNAL, externalData } as TensorMessage
  })
  return { initializers: moved, externalData: { location, bytes } }
}
