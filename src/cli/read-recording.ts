import { join } from 'node:path'
import { OpsinError } from '../core/errors.ts'
import { readBytes, readTensorFile } from '../io/node/index.ts'
import { type Recording, type RecordingHeader, requireTensor } from '../reproduce/recording.ts'

/**
 * Reads a recording: its folder, the files beside it that it names, and the features in `../data`.
 *
 * @throws OpsinError `IO` for files that cannot be read, `FORMAT` for those that are not what they should be.
 */
export function readRecording(folder: string): Recording {
  const path = join(folder, 'recording.json')
  const header = parseHeader(new TextDecoder().decode(readBytes(path)), path)
  const beside = (file: string) => readTensorFile(join(folder, '..', file)).tensors
  const featuresPath = join(folder, '..', '..', 'data', header.features)
  return {
    header,
    features: requireTensor(readTensorFile(featuresPath).tensors, 'features', featuresPath),
    init: beside(header.init),
    batches: beside(header.batches),
    f32: readTensorFile(join(folder, 'f32.safetensors')).tensors,
    f64: readTensorFile(join(folder, 'f64.safetensors')).tensors,
  }
}

function parseHeader(text: string, path: string): RecordingHeader {
  let header: RecordingHeader
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw new OpsinError('FORMAT', { where: path, expected: 'JSON', got: 'something else', cause })
  }
  if (header?.version !== 1 || header.model === undefined || header.opto === undefined) {
    throw new OpsinError('FORMAT', {
      where: path,
      expected: 'a recording of version 1 with "model" and "opto"',
      got: header === null || typeof header !== 'object' ? typeof header : Object.keys(header).join(', '),
    })
  }
  return header
}
