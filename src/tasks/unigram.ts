import { form, notNegative, oneOf, positive, type Rule } from '../core/check.ts'
import { either, such } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { show } from '../core/show.ts'
import { isNumberArray } from '../core/tensor.ts'
import type { Draws } from './draws.ts'

/**
 * How often each token occurs where tokens are independent: all equally, by Zipf's law, or by weights of one's own, one a
 * token. Token i (from 0) has weight (i + 1 + shift)^−exponent under Zipf's law; `'zipf'` is exponent 1 and shift 2.7.
 * [Mandelbrot's form of the law, with the numbers of Song et al. 2025, arXiv 2408.09503]
 */
export type Unigram = 'uniform' | 'zipf' | { readonly exponent: number; readonly shift: number } | readonly number[]

const expected = "'uniform', 'zipf', { exponent, shift } or a weight for each token"

const weights = such(
  listOf(notNegative, 'weights of 0 or more, not all 0', 1),
  isWeights,
  'weights have a finite sum above 0',
)

export const unigramRule: Rule<Unigram> = either(
  expected,
  oneOf('uniform', 'zipf'),
  form({ exponent: positive, shift: notNegative }),
  weights,
)

/** A sampler of tokens by a unigram over `vocab` tokens. @throws OpsinError `SHAPE` for another number of weights. */
export function unigramSampler(where: string, unigram: Unigram, vocab: number): (draw: Draws) => number {
  if (unigram === 'uniform') return (draw) => draw.below(vocab)
  if (Array.isArray(unigram)) {
    if (unigram.length === vocab) return categorical(unigram)
    throw new OpsinError('SHAPE', {
      where,
      expected: `${vocab} weights, one for each token`,
      got: String(unigram.length),
    })
  }
  const { exponent, shift } =
    unigram === 'zipf' ? { exponent: 1, shift: 2.7 } : (unigram as Exclude<Unigram, string | readonly number[]>)
  return categorical(Float64Array.from({ length: vocab }, (_, i) => (i + 1 + shift) ** -exponent))
}

/**
 * Draws an index in proportion to its weight; the weights need not add up to 1. For the sample of a task: tokens by
 * frequency, the next one by a row of a table.
 *
 * @throws OpsinError `VALUE` for weights that are not numbers of 0 or more, or are all 0.
 * @example
 * import { categorical, ints, sequenceTask } from 'opsin'
 * const next = [[1, 3], [3, 1]].map(categorical) // a Markov chain of two tokens
 * const chain = sequenceTask({
 *   name: 'chain',
 *   sizes: { vocab: 2 },
 *   arrays: { tokens: ints(8), targets: ints([]) },
 *   sample(draw) {
 *     const states = [draw.below(2)]
 *     while (states.length < 9) states.push(next[states[states.length - 1]](draw))
 *     return { tokens: states.slice(0, 8), targets: states[8] }
 *   },
 * })
 * chain.batch(0, 4)
 */
export function categorical(weights: ArrayLike<number>): (draw: Draws) => number {
  if (!isWeights(weights)) {
    const expected = 'weights of 0 or more, not all 0'
    throw new OpsinError('VALUE', { where: 'categorical', expected, got: show(weights) })
  }
  let total = 0
  const bounds = Float64Array.from(weights, (weight) => {
    total += weight
    return total
  })
  return (draw) => {
    const at = draw.uniform() * total
    let [low, high] = [0, bounds.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (at < bounds[middle]) high = middle
      else low = middle + 1
    }
    return low
  }
}

function isWeights(weights: unknown): boolean {
  if (!Array.isArray(weights) && !isNumberArray(weights)) return false
  const numbers = Array.from(weights as ArrayLike<number>)
  if (!numbers.every(notNegative.fits)) return false
  const total = numbers.reduce((sum, weight) => sum + weight, 0)
  return total > 0 && Number.isFinite(total)
}
