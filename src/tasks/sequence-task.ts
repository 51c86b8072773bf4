import { canonicalJson } from '../core/canonical.ts'
import {
  anything,
  check,
  integer,
  type OptionTable,
  optional,
  type Rule,
  readOptions,
  requireRecord,
  seed,
  text,
} from '../core/check.ts'
import { OpsinError, within } from '../core/errors.ts'
import { aFunction, object } from '../core/fields.ts'
import { named, requireKnownFields } from '../core/nearest.ts'
import { streams } from '../core/rng.ts'
import { requireRoom, sizeOf } from '../core/shape.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { type ArrayForms, checkForm, copyInto } from './arrays.ts'
import type { Batch, Task } from './define.ts'
import { type Draws, drawsOf } from './draws.ts'

/**
 * Writes one sequence: its arrays, each a flat list of as many numbers as its shape has. It depends on its random numbers
 * and on the number of its row, and on nothing else. What it gives is copied, so that it may give the same lists each time.
 */
export type Sample<Names extends string = string> = (
  draw: Draws,
  row: number,
) => Readonly<Record<Names, ArrayLike<number> | number>>

/** How the sequences of an evaluator differ from those of training. */
export type SequenceEvaluator<Names extends string = string> = {
  /** Default the task's. */
  readonly sample?: Sample<Names>
  /** The arrays whose form differs. */
  readonly arrays?: Partial<Record<Names, ArrayForms[string]>>
}

/** Options of {@link sequenceTask}. */
export type SequenceTaskOptions<Names extends string = string> = {
  readonly name: string
  /** JSON that tells the task from others: the options that it was made with. Seeds are added. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Sizes that an architecture needs, such as `vocab`. */
  readonly sizes: Readonly<Record<string, number>>
  /** What one sequence is made of, by the names of the model's inputs. */
  readonly arrays: Readonly<Record<Names, ArrayForms[string]>>
  readonly sample: Sample<NoInfer<Names>>
  /** By name: a sample of its own, or what else differs. `train` is always there: sequences as in training. */
  readonly evaluators?: Readonly<Record<string, Sample<NoInfer<Names>> | SequenceEvaluator<NoInfer<Names>>>>
  /** Inputs that are the same for every batch. */
  readonly tables?: Batch
  /** Defaults 0 and 1. */
  readonly seeds?: { readonly data?: number; readonly evaluation?: number }
  /** Sequences per evaluator, unless asked for another number; default 1000. */
  readonly evaluationSize?: number
}

/** Which seeds a task is drawn with. */
export const seedRules = { data: optional(seed, 0), evaluation: optional(seed, 1) }

/** The options that every task of sequences has, as they are asked for from its user. */
export const seedingRules = {
  seeds: optional<unknown, object>(anything, {}),
  evaluationSize: optional(integer(1, 2 ** 24), 1000),
} satisfies OptionTable

const table = {
  name: text,
  config: optional<object, object>(object, {}),
  sizes: object,
  arrays: object,
  sample: aFunction,
  evaluators: optional<object, object>(object, {}),
  tables: optional<object, object>(object, {}),
  ...seedingRules,
} satisfies Record<keyof SequenceTaskOptions, Rule<any>>

/** A sample, and the form of what it writes. */
interface Source {
  readonly sample: Sample
  readonly arrays: ArrayForms
}

/**
 * A task from a function that writes one sequence. Sequence r of step s is drawn from numbers of its own: any step can be
 * had alone and in any order, and a row does not depend on how many there are. The sequences of an evaluator depend on the
 * evaluation seed and on the evaluator's name.
 *
 * The text of the sample is not part of the task's identity: when it changes, change something in the config.
 *
 * @throws OpsinError `VALUE`, `NAME`, `SHAPE` or `DTYPE` for options that do not fit. A batch throws for what the sample
 * gave, naming step, row, array and element: `SHAPE` for an array that is missing or has another length, `NAME` for one
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
  const where = 'sequenceTask'
  const given = readOptions(where, options, table)
  const { name, sizes, tables, evaluationSize } = given
  const seeds = readOptions(`${where}: seeds`, given.seeds, seedRules)
  const config = { ...given.config, seeds, evaluationSize }
  canonicalJson(config)
  for (const [size, value] of Object.entries(sizes)) check(`${where}: sizes.${size}`, value, integer(0, 2 ** 31))
  for (const [input, of] of Object.entries(tables)) requireTensor(`${where}: tables.${input}`, of as Tensor)
  const training: Source = { arrays: formsOf(`${where}: arrays`, given.arrays), sample: given.sample as Sample }
  const evaluators = evaluatorsOf(given.evaluators as Record<string, Sample | SequenceEvaluator>, training)
  const drawsIn = { data: drawsOf(seeds.data, streams.data), evaluation: drawsOf(seeds.evaluation, streams.evaluation) }

  /** The first rows of a step. */
  const rowsOf = (what: string, stream: keyof typeof drawsIn, step: number, size: number, source: Source): Batch => {
    const place = `task "${name}": ${what}`
    check(`${place}: size`, size, integer(1, 2 ** 24))
    return write(place, source, size, (row) => source.sample(drawsIn[stream](step, row), row))
  }
  return {
    name,
    config,
    sizes: sizes as Task['sizes'],
    tables: tables as Batch,
    batch(step, size) {
      check(`task "${name}": batch: step`, step, integer(0))
      return rowsOf(`batch ${step}`, 'data', step, size, training)
    },
    evaluators: Object.keys(evaluators),
    evaluator(evaluator, count = evaluationSize) {
      const source = named(`task "${name}": evaluator`, 'an evaluator', evaluator, evaluators)
      return rowsOf(`evaluator "${evaluator}"`, 'evaluation', wordOf(evaluator), count, source)
    },
  }
}

/** The arrays of a batch, from what each row gives. */
function write(where: string, { arrays }: Source, size: number, sampleOf: (row: number) => unknown): Batch {
  const names = Object.keys(arrays)
  requireRoom(
    where,
    names.map((name) => [size, ...arrays[name].shape]),
  )
  const batch = Object.fromEntries(
    names.map((name) => {
      const { dtype, shape } = arrays[name]
      const full = [size, ...shape]
      return [name, tensor(full, new (dtype === 'int' ? Int32Array : Float32Array)(sizeOf(full)))] as const
    }),
  )
  for (let row = 0; row < size; row++) {
    const sequence = requireSequence(where, row, sampleOf(row), arrays)
    for (const name of names) {
      try {
        copyInto(batch[name].data, row * sizeOf(arrays[name].shape), arrays[name], sequence[name])
      } catch (error) {
        throw within(`${where}, row ${row}: ${name}`, error)
      }
    }
  }
  return batch
}

/** What a sample gave, once it is known to be arrays by name, none too many. */
function requireSequence(where: string, row: number, given: unknown, arrays: ArrayForms) {
  const sequence = requireRecord(`${where}, row ${row}`, given, 'arrays by name, from the sample')
  requireKnownFields(`${where}, row ${row}`, 'an array of the task', sequence, Object.keys(arrays))
  return sequence
}

function formsOf(where: string, forms: object): ArrayForms {
  const entries = Object.entries(requireRecord(where, forms, 'arrays by name'))
  if (entries.length === 0) throw new OpsinError('VALUE', { where, expected: 'at least one array', got: 'none' })
  return Object.fromEntries(entries.map(([name, form]) => [name, checkForm(`${where}.${name}`, form as never)]))
}

function evaluatorsOf(
  given: Readonly<Record<string, Sample | SequenceEvaluator>>,
  training: Source,
): Readonly<Record<string, Source>> {
  const evaluators = Object.entries(given).map(([name, evaluator]) => {
    if (typeof evaluator === 'function') return [name, { ...training, sample: evaluator }] as const
    const where = `sequenceTask: evaluators.${name}`
    const { sample, arrays } = readOptions(where, evaluator, {
      sample: optional(aFunction as Rule<Sample>, training.sample),
      arrays: optional<object, object>(object, {}),
    })
    requireKnownFields(`${where}.arrays`, 'an array of the task', arrays, Object.keys(training.arrays))
    const forms = formsOf(`${where}.arrays`, { ...training.arrays, ...arrays })
    return [name, { sample, arrays: forms }] as const
  })
  return { train: training, ...Object.fromEntries(evaluators) }
}

/** A 32-bit word for a name: FNV-1a over its UTF-16 units. */
function wordOf(name: string): number {
  let word = 0x811c9dc5
  for (let i = 0; i < name.length; i++) word = Math.imul(word ^ name.charCodeAt(i), 0x01000193)
  return word >>> 0
}
