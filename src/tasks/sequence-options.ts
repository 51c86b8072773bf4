import { canonicalJson } from '../core/canonical.ts'
import {
  check,
  integer,
  type OptionTable,
  optional,
  optionalForm,
  type Rule,
  readOptions,
  requireRecord,
  seed,
  text,
} from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { aFunction, object } from '../core/fields.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'
import { anObjective, type Objective } from '../objectives/objective.ts'
import { type ArrayForm, type ArrayForms, checkForm } from './arrays.ts'
import type { Batch, Task } from './define.ts'
import type { Draws } from './draws.ts'

/**
 * Writes one sequence: its arrays, each a flat list of as many numbers as its shape has. It depends on its random numbers
 * and on the number of its row only. Its result is copied, so it may return the same lists each time.
 */
export type Sample<Names extends string = string> = (
  draw: Draws,
  row: number,
) => Readonly<Record<Names, ArrayLike<number> | number>>

/** How the sequences of an evaluator differ from those of training. */
export type SequenceEvaluator<Names extends string = string> = {
  /** Default the task's. */
  readonly sample?: Sample<Names>
  /** The arrays with another form than in training. */
  readonly arrays?: Partial<Record<Names, ArrayForm>>
}

/** Options of {@link sequenceTask}. */
export type SequenceTaskOptions<Names extends string = string> = {
  readonly name: string
  /** JSON that identifies the task: the options that it was made with. Seeds are added. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Sizes that an architecture needs, such as `vocab`. */
  readonly sizes: Readonly<Record<string, number>>
  /** The arrays of one sequence, by the names of the model's inputs. */
  readonly arrays: Readonly<Record<Names, ArrayForm>>
  readonly sample: Sample<NoInfer<Names>>
  /** By name: a sample, or the options that differ. `train` always exists: sequences as in training. */
  readonly evaluators?: Readonly<Record<string, Sample<NoInfer<Names>> | SequenceEvaluator<NoInfer<Names>>>>
  /** The loss; default cross-entropy with `targets` as ids. */
  readonly objective?: Objective
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
  seeds: optionalForm(seedRules),
  evaluationSize: optional(integer(1, 2 ** 24), 1000),
} satisfies OptionTable

const rules = {
  name: text,
  config: optional<object, object>(object, {}),
  sizes: object,
  arrays: object,
  sample: aFunction,
  evaluators: optional<object, object>(object, {}),
  objective: optional(anObjective),
  tables: optional<object, object>(object, {}),
  ...seedingRules,
} satisfies Record<keyof SequenceTaskOptions, Rule<any>>

/** A sample, and the form of its arrays. */
export interface Source {
  readonly sample: Sample
  readonly arrays: ArrayForms
}

/** The options of a task, checked, and the source of each of its evaluators. */
export function readSequenceTask(options: SequenceTaskOptions) {
  const where = 'sequenceTask'
  const given = readOptions(where, options, rules)
  const { name, sizes, tables, seeds, evaluationSize } = given
  const config = { ...given.config, seeds, evaluationSize }
  canonicalJson(config)
  for (const [size, value] of Object.entries(sizes)) check(`${where}: sizes.${size}`, value, integer(0, 2 ** 31))
  for (const [input, of] of Object.entries(tables)) requireTensor(`${where}: tables.${input}`, of as Tensor)
  const training: Source = { arrays: formsOf(`${where}: arrays`, given.arrays), sample: given.sample as Sample }
  const evaluators = evaluatorsOf(given.evaluators as Record<string, Sample | SequenceEvaluator>, training)
  return {
    name,
    config,
    seeds,
    evaluationSize,
    sizes: sizes as Task['sizes'],
    tables: tables as Batch,
    objective: given.objective,
    training,
    evaluators,
  }
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
