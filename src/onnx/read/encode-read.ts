import { toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { OpsinError } from '../../core/errors.ts'
import type { ReadModel } from './read-model.ts'

/** The bytes of a model that has been changed. @throws OpsinError `VALUE` for one that is too large for a message. */
export function encodeModelRead(model: ReadModel, where: string): Uint8Array {
  const size = model.graph.initializer.reduce((sum, { rawData }) => sum + rawData.length, 0)
  if (size < 2 ** 31 - 2 ** 20) return toBinary(ModelProtoSchema, model)
  throw new OpsinError('VALUE', { where, expected: 'less than 2 GiB of weights', got: `${size} bytes` })
}
