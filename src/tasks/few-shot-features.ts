import { anything, check, optional, type Rule, readOptions, requireObject, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { isShape, type Shape, sameShape, showShape } from '../core/shape.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { tensorHash } from '../core/tensor-hash.ts'
import { builtInFeatures, type FeatureOptions, resolveFeatureOptions } from './features.ts'

/** Features from a file: their name in the task's config, and their expected hash. */
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

/** Features, and the JSON that identifies them. */
export interface ResolvedFeatures {
  readonly features: Tensor
  readonly config: Readonly<Record<string, unknown>>
}

const where = 'fewShot: features'

function checkFeatures({ shape, data }: Tensor): void {
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
  const { shape, data } = requireTensor(where, source)
  const features = tensor(shape, data)
  checkFeatures(features)
  const actual = tensorHash(features)
  if (hash !== undefined && hash !== actual) {
    throw new OpsinError('VALUE', {
      where,
      expected: `the contents of ${JSON.stringify(name)} with hash ${hash}`,
      got: actual,
      hint: 'Load the file that the config was made with.',
    })
  }
  return { features, config: { name, hash: actual, shape: [...shape] } }
}

/**
 * The features of a task's options.
 *
 * @throws OpsinError `SHAPE`, `DTYPE`, `NOT_FINITE` for a tensor that does not fit; `VALUE` for one with another hash than
 *   the config's, or for a config whose tensor was not loaded; `NAME` for an unknown option.
 */
export function resolveFeatures(source: FewShotFeatures): ResolvedFeatures {
  requireObject(where, source, 'a tensor, a named tensor or options of the built-in features')
  if ('data' in source) return fromTensor('unnamed', source)
  if ('tensor' in source) {
    const { name, tensor: features, hash, shape } = readOptions(where, source, named)
    if (shape !== undefined) check(`${where}: shape`, shape, theSame(requireTensor(where, features).shape))
    return fromTensor(name, features, hash)
  }
  if ('hash' in source) {
    throw new OpsinError('VALUE', {
      where,
      expected: 'the tensor that this config names',
      got: 'its name and hash alone',
      hint: 'Load it and give { ...config.features, tensor }.',
    })
  }
  const options = resolveFeatureOptions(source, where)
  return { features: builtInFeatures(options), config: options }
}

function theSame(shape: Shape): Rule<Shape> {
  const fits = (other: unknown) => isShape(other) && sameShape(shape, other)
  return { expected: `the tensor's own, ${showShape(shape)}`, code: 'SHAPE', fits }
}

/** Rules of the fields of named features; the tensor is checked separately. */
const named = {
  name: text,
  tensor: anything as Rule<Tensor>,
  hash: optional(text),
  shape: optional(anything),
} satisfies Record<keyof NamedFeatures, Rule<any>>
