import { check, integer, requireRecord } from '../core/check.ts'
import { within } from '../core/errors.ts'
import { named, requireKnownFields } from '../core/nearest.ts'
import { streams } from '../core/rng.ts'
import { requireRoom, sizeOf } from '../core/shape.ts'
import { tensor } from '../core/tensor.ts'
import { type ArrayForms, copyInto } from './arrays.ts'
import type { Batch, Task } from './define.ts'
import { type DrawsAt, drawsOf } from './draws.ts'
import { readSequenceTask, type SequenceTaskOptions, type Source } from './sequence-options.ts'

/**
 * A task from a function that writes one sequence. Sequence r of step s has random numbers of its own: any step can be
 * drawn alone and in any order, and a row does not depend on the size of the batch. The sequences of an evaluator depend on the
 * evaluation seed and on the evaluator's name.
 *
 * The text of the sample is not part of the task's identity: when it changes, change something in the config.
 *
 * @throws OpsinError `VALUE`, `NAME`, `SHAPE` or `DTYPE` for options that do not fit. A batch throws for faults of the
 * sample, naming step, row, array and element: `SHAPE` for an array that is missing or has another length, `NAME` for one
 * too many, `VALUE` for an integer out of range, `NOT_FINITE` for a float.
 * @example
 * import { ints, sequenceTask } from 'opsin'
 * const parity = sequenceTask({
 *   name: 'parity',
 *   sizes: { vocab: 2 },
 *   arrays: { tokens: ints(8, { below: 2 }), targets: ints([], { below: 2 }) },
 *   sample(draw) {
 *     const tokens = Array.from({ length: 8 }, () => draw.below(2))
 *     return { tokens, targets: tokens.reduce((sum, bit) => sum ^ bit) }
 *   },
 * })
 * const { tokens, targets } = parity.batch(1000, 32)
 * if (tokens.shape.join() !== '32,8' || targets.shape.join() !== '32') throw new Error('wrong shapes')
 */
export function sequenceTask<const Names extends string>(options: SequenceTaskOptions<Names>): Task {
  const { name, config, seeds, evaluationSize, sizes, tables, objective, training, evaluators } =
    readSequenceTask(options)
  const place = `task "${name}"`
  const trainingDraws = drawsOf(seeds.data, streams.data)
  const evaluationDraws = drawsOf(seeds.evaluation, streams.evaluation)
  return {
    name,
    config,
    sizes,
    tables,
    ...(objective === undefined ? {} : { objective }),
    batch(step, size) {
      check(`${place}: batch: step`, step, integer(0))
      return write(`${place}: batch ${step}`, training, trainingDraws, step, size)
    },
    evaluators: Object.keys(evaluators),
    evaluator(evaluator, count = evaluationSize) {
      const source = named(`${place}: evaluator`, 'an evaluator', evaluator, evaluators)
      return write(`${place}: evaluator "${evaluator}"`, source, evaluationDraws, wordOf(evaluator), count)
    },
  }
}

/** The first `size` rows of a step. */
function write(where: string, { arrays, sample }: Source, drawsAt: DrawsAt, step: number, size: number): Batch {
  check(`${where}: size`, size, integer(1, 2 ** 24))
  const batch = emptyBatch(where, arrays, size)
  for (let row = 0; row < size; row++) {
    const sequence = requireSequence(where, row, sample(drawsAt(step, row), row), arrays)
    for (const name in arrays) {
      try {
        copyInto(batch[name].data, row * sizeOf(arrays[name].shape), arrays[name], sequence[name])
      } catch (error) {
        throw within(`${where}, row ${row}: ${name}`, error)
      }
    }
  }
  return batch
}

function emptyBatch(where: string, arrays: ArrayForms, size: number) {
  const shapes = Object.entries(arrays).map(([name, { dtype, shape }]) => ({ name, dtype, shape: [size, ...shape] }))
  requireRoom(
    where,
    shapes.map(({ shape }) => shape),
  )
  return Object.fromEntries(
    shapes.map(({ name, dtype, shape }) => {
      const length = sizeOf(shape)
      return [name, tensor(shape, dtype === 'int' ? new Int32Array(length) : new Float32Array(length))] as const
    }),
  )
}

/** A sample's result, checked to be arrays by name, with no unknown name. */
function requireSequence(where: string, row: number, given: unknown, arrays: ArrayForms) {
  const sequence = requireRecord(`${where}, row ${row}`, given, 'arrays by name, from the sample')
  requireKnownFields(`${where}, row ${row}`, 'an array of the task', sequence, Object.keys(arrays))
  return sequence
}

/** A 32-bit word for a name: FNV-1a over its UTF-16 units. */
function wordOf(name: string): number {
  let word = 0x811c9dc5
  for (let i = 0; i < name.length; i++) word = Math.imul(word ^ name.charCodeAt(i), 0x01000193)
  return word >>> 0
}
