import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { aRecording, parseJson } from '../config/index.ts'
import { OpsinError } from '../core/errors.ts'
import { readText } from '../io/node/files.ts'
import { readTensorFile } from '../io/node/tensor-file.ts'
import { type Recording, requireTensor } from '../reproduce/recording.ts'

/**
 * A recording and the files it names: weights and batches lie beside its folder, features there too or in a folder
 * `data` beside that one.
 *
 * @throws OpsinError `IO` or `FORMAT` for whatever is missing or not what it claims to be.
 */
export function readRecording(folder: string): Recording {
  const path = join(folder, 'recording.json')
  const header = parseJson(aRecording, readText(path), path)
  const beside = dirname(resolve(folder))
  const features = readTensorFile(find(header.features, [folder, beside, join(beside, '..', 'data')]))
  return {
    header,
    features: requireTensor(features.tensors, 'features', header.features),
    init: readTensorFile(find(header.init, [folder, beside])).tensors,
    batches: readTensorFile(find(header.batches, [folder, beside])).tensors,
    f32: readTensorFile(join(folder, 'f32.safetensors')).tensors,
    f64: readTensorFile(join(folder, 'f64.safetensors')).tensors,
  }
}

function find(file: string, folders: readonly string[]): string {
  const found = folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new OpsinError('IO', {
    where: `recording: ${file}`,
    expected: `a file in ${folders.join(' or ')}`,
    got: 'none',
  })
}
