import { fromBinary } from '@bufbuild/protobuf'
import { type GraphProto, type ModelProto, ModelProtoSchema } from 'onnx-buf'
import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'
import { requireSoundGraph } from './sound-graph.ts'
import { requireSoundTensors } from './sound-tensors.ts'

/** An ONNX model whose graph is there. */
export type ReadModel = ModelProto & { graph: GraphProto }

/** The most bytes of a protobuf message; larger weights come in a file of their own. */
const LARGEST = 2 ** 31 - 1
/** Forms of ONNX files that are known: the first that has operator sets, to the last that ONNX 1.20 writes. */
const IR_VERSIONS = [3n, 13n] as const

/**
 * The model that an ONNX file holds, once it is known to be sound: nothing that a runtime sees can point outside of the file, claim
 * numbers that it does not have, or read a value that is not there.
 *
 * @param beside names of the files for tensors that are at hand.
 * @throws OpsinError `FORMAT` for a value that is no such file.
 */
export function readModel(bytes: Uint8Array, where: string, beside: ReadonlyMap<string, number>): ReadModel {
  const model = decode(bytes, where)
  const { graph, irVersion, opsetImport } = model
  const expect = (holds: boolean, expected: string, got: unknown) => {
    if (!holds) throw new OpsinError('FORMAT', { where, expected, got: typeof got === 'string' ? got : show(got) })
  }
  const [oldest, newest] = IR_VERSIONS
  expect(graph !== undefined && graph.output.length > 0, 'an ONNX file, with a graph that has outputs', 'none')
  const known = irVersion >= oldest && irVersion <= newest
  expect(known, `an ONNX file of IR version ${oldest} to ${newest}`, `version ${irVersion}`)
  expect(opsetImport.length > 0, 'the operator sets that the file is written in', 'none')
  const whole = model as ReadModel
  requireSoundTensors(whole.graph, where, beside)
  requireSoundGraph(whole.graph, where)
  return whole
}

function decode(bytes: Uint8Array, where: string): ModelProto {
  if (!(bytes instanceof Uint8Array)) {
    throw new OpsinError('VALUE', { where, expected: 'the bytes of an ONNX file (Uint8Array)', got: show(bytes) })
  }
  if (bytes.length === 0 || bytes.length > LARGEST) {
    throw new OpsinError('FORMAT', { where, expected: `an ONNX file of 1 to ${LARGEST} bytes`, got: `${bytes.length}` })
  }
  try {
    return fromBinary(ModelProtoSchema, bytes)
  } catch (cause) {
    const got = cause instanceof Error ? `bytes that are no such message (${cause.message})` : String(cause)
    throw new OpsinError('FORMAT', { where, expected: 'an ONNX file, a whole protobuf message', got, cause })
  }
}
