import { check, integer, maxWord, optional, readOptions, seed } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { philox, streams } from '../core/rng.ts'
import type { Batch, Task } from './define.ts'
import { batchOf, commonGround, identityOf, pickRows } from './parts.ts'

/** Options of {@link pool}. */
export type PoolOptions = {
  /** How many sequences there are. */
  readonly size: number
  /**
   * Which batch of the inner task they are; default the one of step 2^32 − 1, which no training reaches. Another step is
   * another pool.
   */
  readonly step?: number
  /** Of the draws from the pool; default 0. */
  readonly seed?: number
}

/** The task made by {@link pool}. */
export interface Pool extends Task {
  readonly name: 'pool'
  /** The number in the pool of each row's sequence, [size]. */
  numbers(step: number, size: number): Int32Array
}

const table = { size: integer(1, 2 ** 24), step: optional(integer(0), maxWord), seed: optional(seed, 0) }

/**
 * A task of `size` sequences that repeat: each row of each batch is one of them, all equally likely. They are kept in
 * memory once they are needed. In expectation, a run of n sequences sees each of them n / size times;
 * {@link Pool.numbers} gives the exact sequences.
 *
 * Evaluators are those of the inner task, and `pool`: the pool's own sequences, in order, by default all.
 *
 * Source: the repeated subset of Hernandez et al. 2022 (arXiv 2205.10487); mixed with fresh sequences by `mix`.
 *
 * @throws OpsinError `VALUE` or `NAME` for options that do not fit, or for an inner task with an evaluator called `pool`.
 * @example
 * import { pool, repeatedTokens } from 'opsin'
 * const task = pool(repeatedTokens({ vocab: 32, segment: 12 }), { size: 4 })
 * const { tokens } = task.batch(7, 32)
 * const [third] = task.numbers(7, 32)
 * const all = task.evaluator('pool').tokens
 * if (tokens.data[0] !== all.data[third * tokens.shape[1]]) throw new Error('not from the pool')
 */
export function pool(task: Task, options: PoolOptions): Pool {
  const { size, step: source, seed: key } = readOptions('pool', options, table)
  const ground = commonGround('pool', { task })
  if (task.evaluators.includes('pool')) {
    const expected = 'an inner task without an evaluator called "pool"'
    throw new OpsinError('VALUE', { where: 'pool: task', expected, got: `"${task.name}", which has one` })
  }
  const rng = philox(key, streams.pool)
  let kept: Batch | undefined
  const sequences = (): Batch => {
    kept ??= batchOf('pool', task, source, size)
    return kept
  }
  const numbers = (step: number, count: number): Int32Array => {
    check('pool: step', step, integer(0))
    check('pool: batch size', count, integer(1, 2 ** 24))
    return Int32Array.from({ length: count }, (_, row) => rng.below(size, step, row, 0))
  }
  return {
    name: 'pool',
    config: { size, step: source, seed: key, task: identityOf(task) },
    ...ground,
    batch: (step, count) => pickRows([sequences()], new Int32Array(count), numbers(step, count)),
    evaluators: [...task.evaluators, 'pool'],
    evaluator(name, count) {
      if (name !== 'pool') return task.evaluator(name, count)
      check('pool: evaluator: count', count ?? size, integer(1, size))
      const first = Int32Array.from({ length: count ?? size }, (_, row) => row)
      return pickRows([sequences()], new Int32Array(first.length), first)
    },
    numbers,
  }
}
