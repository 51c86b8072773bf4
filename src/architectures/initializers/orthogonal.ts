import { optional, positive, type Rule, readOptions } from '../../core/check.ts'
import { fansOf, type InitializerKind } from './define.ts'

export interface OrthogonalOptions {
  /** The length of each row or column; default 1. */
  readonly gain?: number
}

const table = { gain: optional(positive, 1) } satisfies Record<keyof OrthogonalOptions, Rule<any>>

/**
 * A matrix [in, out] whose columns (or rows, where these are fewer) are orthogonal and of length `gain`: a uniformly
 * random rotation of its space [Saxe et al. 2014].
 *
 * @throws OpsinError `VALUE` for a gain that is not positive; `SHAPE` for a parameter that is no matrix.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.orthogonal({ gain: 0.5 })
 */
export function orthogonal(options: OrthogonalOptions = {}) {
  return { kind: 'orthogonal', ...readOptions('orthogonal', options, table) } as const
}

export const orthogonalKind: InitializerKind<ReturnType<typeof orthogonal>> = {
  make: orthogonal,
  fill(values, { gain }, { shape, random, place }) {
    const { fanIn, fanOut } = fansOf(shape)
    const [count, length] = [Math.min(fanIn, fanOut), Math.max(fanIn, fanOut)]
    const normal = random.fillNormal(new Float64Array(count * length), 0, place)
    const vectors = Array.from({ length: count }, (_, i) => normal.subarray(i * length, (i + 1) * length))
    makeOrthonormal(vectors)
    vectors.forEach((vector, i) => {
      vector.forEach((x, j) => {
        values[fanIn < fanOut ? i * fanOut + j : j * fanOut + i] = gain * x
      })
    })
  },
}

/** Gram and Schmidt's method, in place. What rounding leaves of earlier vectors goes at the second time ("twice is enough"). */
function makeOrthonormal(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, i) => {
    for (let time = 0; time < 2; time++) {
      for (const earlier of vectors.slice(0, i)) addMultiple(vector, earlier, -dot(vector, earlier))
      const length = Math.sqrt(dot(vector, vector))
      for (let j = 0; j < vector.length; j++) vector[j] /= length
    }
  })
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j]
  return sum
}

function addMultiple(to: Float64Array, from: Float64Array, factor: number): void {
  for (let j = 0; j < to.length; j++) to[j] += factor * from[j]
}
