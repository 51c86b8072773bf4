import { check, type Rule, requireRecord, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { aFunction, listOf, object, requireFields } from '../core/fields.ts'
import { type Shape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { type Objective, requireObjective } from '../objectives/objective.ts'

/** Named arrays for the graph's data inputs of one batch; the first axis of each is the batch. */
export type Batch = Readonly<Record<string, Tensor>>

/**
 * A seeded source of data. It holds no position: every batch is a function of its number, so a run can stop, resume or
 * branch at any step.
 *
 * Your own task is any object of this form.
 *
 * @example
 * import type { Task } from 'opsin'
 * import { tensor } from 'opsin'
 * const parity: Task = {
 *   name: 'parity',
 *   config: {},
 *   sizes: { labels: 2 },
 *   tables: {},
 *   batch: (step, size) => {
 *     const tokens = Int32Array.from({ length: size }, (_, i) => step + i)
 *     return { tokens: tensor([size, 1], tokens), targets: tensor([size], tokens.map((token) => token % 2)) }
 *   },
 *   evaluators: ['train'],
 *   evaluator: (_, count = 100) => parity.batch(0, count),
 * }
 */
export interface Task {
  readonly name: string
  /** JSON that rebuilds the task, seeds included; data from a file appear as their name and hash. */
  readonly config: Readonly<Record<string, unknown>>
  /** Sizes that an architecture needs. */
  readonly sizes: Readonly<Record<string, number>>
  /** The loss; default cross-entropy with `targets` as ids. */
  readonly objective?: Objective
  /** Inputs that are the same for every batch. */
  readonly tables: Batch
  /** The part of the tables that training batches refer to, where it is less; default {@link tables}. */
  readonly trainingTables?: Batch
  /** Batch number `step` of an endless seeded stream: any step alone, in any order. The arrays are new each time. */
  batch(step: number, size: number): Batch
  /** Names of the evaluators. */
  readonly evaluators: readonly string[]
  /** Fixed evaluation sequences, the first `count` of them. */
  evaluator(name: string, count?: number): Batch
}

/** The fields of every task. */
const fields = {
  name: text,
  config: object,
  tables: object,
  batch: aFunction,
  evaluators: listOf(text, 'a list of names'),
  evaluator: aFunction,
}

/** For an option; {@link checkTask} looks inside. */
export const aTask: Rule<Task> = { ...(object as Rule<any>), expected: 'a task' }

/** Throws OpsinError `VALUE` unless the value is a task. */
export function checkTask(task: Task): void {
  requireFields('task', task, fields)
  if (task.objective !== undefined) requireObjective('task: objective', task.objective)
}

/**
 * Sequences `start` to `end` (exclusive) of a batch, as views: for walking through a large batch in pieces.
 *
 * @throws OpsinError `VALUE` when the range is not inside the batch.
 * @example
 * import { sliceBatch, tensor } from 'opsin'
 * const batch = { targets: tensor([4], new Int32Array([3, 1, 4, 1])) }
 * if (sliceBatch(batch, 1, 3).targets.data[1] !== 4) throw new Error('wrong slice')
 */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  const whole = { expected: 'a whole number', fits: Number.isInteger }
  check('sliceBatch: start', start, whole)
  check('sliceBatch: end', end, whole)
  const slices = Object.entries(requireRecord('sliceBatch', batch, 'a batch: tensors by name') as Batch).map(
    ([name, of]) => {
      const { shape, data, axes } = requireTensor(`sliceBatch: ${name}`, of)
      const [size, ...rest]: Shape = shape
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new OpsinError('VALUE', {
          where: `sliceBatch: ${name}`,
          expected: `a range inside 0..${size}`,
          got: `${show(start)}..${show(end)}`,
        })
      }
      const row = sizeOf(rest)
      return [name, tensor([end - start, ...rest], data.subarray(start * row, end * row), axes)] as const
    },
  )
  return Object.fromEntries(slices)
}
