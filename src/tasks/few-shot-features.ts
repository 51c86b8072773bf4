import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape } from '../core/shape.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { tensorHash } from '../core/tensor-hash.ts'
import { requireKnownFields } from './check.ts'
import { builtInFeatures, type FeatureOptions, resolveFeatureOptions } from './features.ts'

/** Features that came from a file: what the task's config calls them, and the hash to hold them to. */
export type NamedFeatures = {
  readonly name: string
  /** [classes, exemplars, features] */
  readonly tensor: Tensor
  /** When given, as a task's config does, other contents are an error. */
  readonly hash?: string
  readonly shape?: Shape
}

/** Where exemplars come from: a tensor [classes, exemplars, features], a named one, or the built-in stand-in. */
export type FewShotFeatures = Tensor | NamedFeatures | FeatureOptions

/** Features, and the JSON that says which. */
export interface ResolvedFeatures {
  readonly features: Tensor
  readonly config: Readonly<Record<string, unknown>>
}

function checkFeatures({ shape, data }: Tensor, where: string): void {
  if (shape.length !== 3 || shape.some((n) => n < 1)) {
    throw new OpsinError('SHAPE', { where, expected: '[classes, exemplars, features]', got: showShape(shape) })
  }
  if (data instanceof Int32Array) throw new OpsinError('DTYPE', { where, expected: 'floats', got: 'integers' })
  const bad = (data as Float32Array).findIndex((x) => !Number.isFinite(x))
  if (bad < 0) return
  const [, exemplars, size] = shape
  const at = [Math.floor(bad / (exemplars * size)), Math.floor(bad / size) % exemplars, bad % size]
  throw new OpsinError('NOT_FINITE', {
    where: `${where}${showShape(at)}`,
    expected: 'finite numbers',
    got: `${data[bad]}`,
  })
}

function fromTensor(name: string, source: Tensor, hash?: string): ResolvedFeatures {
  const where = 'fewShot: features'
  const features = tensor(source.shape, source.data)
  checkFeatures(features, where)
  const actual = tensorHash(features)
  if (hash !== undefined && hash !== actual) {
    throw new OpsinError('VALUE', {
      where,
      expected: `the contents of ${JSON.stringify(name)} with hash ${hash}`,
      got: actual,
      hint: 'Load the file that the config was made with.',
    })
  }
  return { features, config: { name, hash: actual, shape: [...source.shape] } }
}

/**
 * The features of a task's options.
 *
 * @throws OpsinError `SHAPE`, `DTYPE`, `NOT_FINITE` for a tensor that does not fit; `VALUE` for one with another hash than
 *   the config's, or for a config whose tensor was not loaded; `NAME` for an unknown option.
 */
export function resolveFeatures(source: FewShotFeatures): ResolvedFeatures {
  if ('data' in source) return fromTensor('unnamed', source)
  if ('tensor' in source) {
    requireKnownFields('fewShot: features', source, ['name', 'tensor', 'hash', 'shape'])
    return fromTensor(source.name, source.tensor, source.hash)
  }
  if ('hash' in source) {
    throw new OpsinError('VALUE', {
      where: 'fewShot: features',
      expected: 'the tensor that this config names',
      got: 'its name and hash alone',
      hint: 'Load it and give { ...config.features, tensor }.',
    })
  }
  const options = resolveFeatureOptions(source, 'fewShot: features')
  return { features: builtInFeatures(options), config: options }
}
