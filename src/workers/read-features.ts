import { basename } from 'node:path'
import { OpsinError } from '../core/errors.ts'
import { readTensorFile } from '../io/node/tensor-file.ts'
import { type NamedFeatures, resolveFeatures } from '../tasks/few-shot-features.ts'

/**
 * Features [classes, exemplars, features] from a file: its tensor `features`, or the only one it has.
 *
 * @throws OpsinError `IO` or `FORMAT` for a file that cannot be read, `SHAPE`, `DTYPE` or `NOT_FINITE` for what is in it.
 */
export function readFeatures(path: string): NamedFeatures {
  const { tensors } = readTensorFile(path)
  const names = Object.keys(tensors)
  const tensor = tensors.features ?? (names.length === 1 ? tensors[names[0]] : undefined)
  if (tensor === undefined) {
    throw new OpsinError('FORMAT', {
      where: path,
      expected: 'a tensor called "features"',
      got: names.join(', ') || 'none',
    })
  }
  const features = { name: basename(path), tensor }
  resolveFeatures(features)
  return features
}
