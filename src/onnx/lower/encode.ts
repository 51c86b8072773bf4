import { create, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { version } from '../../core/version.ts'
import type { LoweredGraph } from './lower.ts'

/** The operators that lowerings are written in, and the oldest form of file that holds them: the widest-read choice. */
const OPSET = 17n
const IR_VERSION = 8n

export interface EncodeOptions {
  /** Default `opsin`. */
  readonly name?: string
  /** Texts that the file carries, by name. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A lowered graph as the bytes of an ONNX file. */
export function encodeModel(
  { nodes, initializers, inputs, outputs }: LoweredGraph,
  { name = 'opsin', metadata = {} }: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'opsin',
    producerVersion: version,
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: { name, node: [...nodes], initializer: [...initializers], input: [...inputs], output: [...outputs] },
  })
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>
}
