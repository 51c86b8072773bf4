import { integer, optional, type Rule, readOptions, seed as seedRule } from '../core/check.ts'
import { philox, type Rng, streams } from '../core/rng.ts'
import { requireRoom } from '../core/shape.ts'
import { type Tensor, tensor } from '../core/tensor.ts'

/** Options of {@link builtInFeatures}. */
export type FeatureOptions = {
  /** Default 242. */
  readonly classes?: number
  /** Per class; default 5. */
  readonly exemplars?: number
  /** Size of one exemplar; default 512. */
  readonly features?: number
  /** Default 0. */
  readonly seed?: number
}

/** Rules and defaults of the options. */
export const featureRules = {
  classes: optional(integer(1, 2 ** 24), 242),
  exemplars: optional(integer(1, 2 ** 16), 5),
  features: optional(integer(2, 2 ** 16), 512),
  seed: optional(seedRule, 0),
} satisfies Record<keyof FeatureOptions, Rule<any>>

/** Every option, defaults filled in and checked. */
export function resolveFeatureOptions(options: FeatureOptions, where = 'builtInFeatures'): Required<FeatureOptions> {
  const resolved = readOptions(where, options, featureRules)
  requireRoom(where, [[resolved.classes, resolved.exemplars, resolved.features]])
  return resolved
}

/** Share of the common direction: the mean cosine between classes. */
const betweenClasses = 0.85
/** Mean cosine between exemplars of one class. */
const withinClass = 0.93
const ofClass = Math.sqrt(withinClass - betweenClasses)
const ofExemplar = Math.sqrt(1 - withinClass)
/** Directions in which classes differ. Variance falls as 1/k, so 32 of them count as about 10. */
const maxDirections = 32

const tensorOf = { basis: 0, class: 1, exemplar: 2 } as const

/** `count` orthogonal rows of `size` numbers with root mean square 1. */
function orthogonalRows(rng: Rng, count: number, size: number): Float64Array {
  const rows = rng.fillNormal(new Float64Array(count * size), 0, tensorOf.basis)
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * size, (i + 1) * size)
    for (let j = 0; j < i; j++) {
      let dot = 0
      for (let f = 0; f < size; f++) dot += row[f] * rows[j * size + f]
      for (let f = 0; f < size; f++) row[f] -= (dot / size) * rows[j * size + f]
    }
    let square = 0
    for (let f = 0; f < size; f++) square += row[f] * row[f]
    const scale = Math.sqrt(size / square)
    for (let f = 0; f < size; f++) row[f] *= scale
  }
  return rows
}

/** Standard deviations along each direction, variance 1/k, scaled to a total variance of 1. */
function spectrum(directions: number): Float64Array {
  let total = 0
  for (let k = 1; k <= directions; k++) total += 1 / k
  return Float64Array.from({ length: directions }, (_, k) => Math.sqrt(1 / ((k + 1) * total)))
}

/** The weighted sum of rows, in order. */
function combine(weights: Float64Array, rows: Float64Array, size: number): Float64Array {
  const sum = new Float64Array(size)
  for (let k = 0; k < weights.length; k++) {
    const row = rows.subarray(k * size, (k + 1) * size)
    const weight = weights[k]
    for (let f = 0; f < size; f++) sum[f] += weight * row[f]
  }
  return sum
}

/**
 * A stand-in for image features that needs no file, shaped `[classes, exemplars, features]`: like the features of an
 * image network, exemplars share a large common direction, and classes differ along few directions.
 *
 * Exemplar e of class i is sqrt(.85) m + sqrt(.08) z_i + sqrt(.07) z_ie: m one common direction, the z random in
 * 32 directions with variance falling as 1/k, an effective dimension (participation ratio) near 10. The mean cosine is
 * .85 between classes and .93 within; the root mean square is 1 in expectation. A class does not depend on how many
 * there are: with more classes or exemplars the first ones stay the same.
 *
 * Source: the measured statistics of 242 Omniglot characters in Gabor-energy features (sheet 01, section 10), with which
 * the learning curves of Singh et al. 2024 (arXiv 2404.07129) come out as published.
 *
 * @throws OpsinError `VALUE` for a size or seed out of range, `NAME` for an unknown option.
 * @example
 * import { builtInFeatures, fewShot } from 'opsin'
 * const features = builtInFeatures({ classes: 100, features: 64 })
 * const task = fewShot({ features, classes: 50, testClasses: 50 })
 * if (task.sizes.features !== 64) throw new Error('wrong size')
 */
export function builtInFeatures(options: FeatureOptions = {}): Tensor<Float32Array> {
  const { classes, exemplars, features, seed } = resolveFeatureOptions(options)
  const rng = philox(seed, streams.features)
  const directions = Math.min(maxDirections, features - 1)
  const basis = orthogonalRows(rng, directions + 1, features)
  const sd = spectrum(directions)
  const shared = rng.fillNormal(new Float64Array(classes * directions), 0, tensorOf.class)
  const data = new Float32Array(classes * exemplars * features)
  const weights = new Float64Array(directions + 1)
  weights[0] = Math.sqrt(betweenClasses)
  for (let item = 0; item < classes * exemplars; item++) {
    const first = Math.floor(item / exemplars) * directions
    const exemplar = item % exemplars
    for (let k = 0; k < directions; k++) {
      const own = rng.normal(exemplar, tensorOf.exemplar, first + k)
      weights[k + 1] = sd[k] * (ofClass * shared[first + k] + ofExemplar * own)
    }
    data.set(combine(weights, basis, features), item * features)
  }
  return tensor([classes, exemplars, features], data, ['class', 'exemplar', 'feature'])
}
