import { optional, readOptions } from '../core/check.ts'
import { type ExternalFiles, externalFiles, sizesBeside } from './external.ts'
import { type OnnxMetadata, readMetadata } from './metadata.ts'
import { type ReadModel, readModel } from './read/read-model.ts'
import { describeValue, type OnnxValue } from './read/values.ts'

/** The contents of an ONNX file. */
export interface OnnxContents {
  /** What each run gives it; tensors that the file holds itself are not among them. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** The values in between, in the order in which they are computed, with the operators that compute them. */
  readonly values: readonly { readonly name: string; readonly operator: string }[]
  /** The metadata of opsin; absent in a file from another program. */
  readonly opsin?: OnnxMetadata
}

/** Options of {@link inspectOnnx}. */
export interface InspectOptions {
  /** The files beside it, where tensors lie in others. */
  readonly externalData?: ExternalFiles
}

/**
 * Lists the contents of any ONNX file: inputs, outputs, and inner values that a session can read as hook points.
 *
 * @throws OpsinError `FORMAT` for a value that is no sound ONNX file: cut short, damaged, or reading data outside of its folder.
 * @example
 * import { attentionOnly, initialize } from 'opsin'
 * import { exportOnnx, inspectOnnx } from 'opsin/onnx'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 5 } })
 * const { bytes } = exportOnnx(model, initialize(model, 5), { sizes: { batch: 2, length: 6 } })
 * const { inputs, values, opsin } = inspectOnnx(bytes)
 * console.assert(inputs[0].name === 'tokens' && inputs[0].type === 'int32' && values.length > 10)
 * console.assert(opsin?.architecture === 'attention-only')
 */
export function inspectOnnx(bytes: Uint8Array, options: InspectOptions = {}): OnnxContents {
  const { externalData } = readOptions('inspectOnnx', options, { externalData: optional(externalFiles, {}) })
  const where = 'inspectOnnx'
  return contentsOf(readModel(bytes, where, sizesBeside(where, externalData)), where)
}

/** The contents of a model that has been read. */
export function contentsOf({ graph, metadataProps }: ReadModel, where: string): OnnxContents {
  const held = new Set(graph.initializer.map(({ name }) => name))
  const outputs = new Set(graph.output.map(({ name }) => name))
  const texts = new Map(metadataProps.map(({ key, value }) => [key, value]))
  const opsin = readMetadata(texts, where)
  return {
    inputs: graph.input.filter(({ name }) => !held.has(name)).map(describeValue),
    outputs: graph.output.map(describeValue),
    values: graph.node.flatMap(({ opType, output }) =>
      output.flatMap((name) => (name === '' || outputs.has(name) ? [] : [{ name, operator: opType }])),
    ),
    ...(opsin === undefined ? {} : { opsin }),
  }
}
