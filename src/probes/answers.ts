import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import type { Reading } from './define.ts'
import { inputIn, pointIn, requireId } from './reading.ts'

/** One row of logits and its target, for every prediction of a set that has one. */
export interface Answer {
  readonly logits: NumberArray
  readonly target: number
  /** Which sequence of the batch. */
  readonly sequence: number
}

/** The mean of a quantity over all predictions that have a target (−1: none). */
export function meanOverAnswers(reading: Reading, quantity: (answer: Answer) => number): number {
  const logits = pointIn(reading, 'probe', 'logits', 3)
  const [sequences, positions, vocab] = logits.shape
  const rows = sequences * positions
  const targets = inputIn(reading, 'probe', 'targets')
  if (targets.data.length !== rows) {
    throw new OpsinError('SHAPE', { where: 'probe', expected: `${rows} targets`, got: String(targets.data.length) })
  }
  let [sum, count] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const target = targets.data[row]
    if (target === -1) continue
    requireId('probe: targets', target, vocab)
    const of = logits.data.subarray(row * vocab, (row + 1) * vocab)
    sum += quantity({ logits: of, target, sequence: Math.floor(row / positions) })
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** The index of the largest value, the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}
