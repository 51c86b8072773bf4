import {
  anything,
  belowOne,
  check,
  flag,
  integer,
  type OptionsOf,
  optional,
  optionalForm,
  type Rule,
  readOptions,
  seed,
} from '../core/check.ts'
import { either } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { show } from '../core/show.ts'
import type { FewShotFeatures } from './few-shot-features.ts'
import type { LabelSet } from './label-sets.ts'

/** Options of {@link fewShot}. */
export type FewShotOptions = {
  /** Default: the built-in stand-in, 242 classes of 5 exemplars of 512 numbers. */
  readonly features?: FewShotFeatures
  /** Classes to train on, the first of the features'; default 50. */
  readonly classes?: number
  /**
   * Classes held out for evaluation, the last of the features'; default 100, or all that remain if fewer
   * do (none if those are too few for a context).
   */
  readonly testClasses?: number
  /** How a class's exemplars are split, in order; default 1 to train on, no test, the rest (of 5: 4) for validation. */
  readonly exemplars?: { readonly train?: number; readonly val?: number; readonly test?: number }
  /** Default 5. */
  readonly labels?: number
  /** Exemplar-label pairs in the context; default 2. */
  readonly pairs?: number
  /** How often each class of the context occurs in it, the query's among them; must divide `pairs`. Default 1. */
  readonly burstiness?: number
  /** Whether each sequence gives its classes new labels; default true. If not, class c has label c modulo `labels`. */
  readonly relabel?: boolean
  /**
   * The label sets (pairs, for a context of two classes) that training never uses: a list, e.g. `[[1, 3], [0, 2]]`,
   * or a share of all, drawn with `seeds.labels` and rounded. Default .2; only with `relabel`.
   */
  readonly heldOutLabels?: number | readonly LabelSet[]
  /** Defaults 0, 1 and 20. */
  readonly seeds?: { readonly data?: number; readonly evaluation?: number; readonly labels?: number }
  /** Sequences per evaluator, unless asked for another number; default 1000. */
  readonly evaluationSize?: number
}

/** Every option, defaults filled in: JSON from which `fewShot` rebuilds the same task. */
export type FewShotConfig = {
  readonly features: Readonly<Record<string, unknown>>
  readonly classes: number
  readonly testClasses: number
  readonly exemplars: { readonly train: number; readonly val: number; readonly test: number }
  readonly labels: number
  readonly pairs: number
  readonly burstiness: number
  readonly relabel: boolean
  readonly heldOutLabels?: number | readonly LabelSet[]
  readonly seeds: { readonly data: number; readonly evaluation: number; readonly labels: number }
  readonly evaluationSize: number
}

/** Rules of the parts of a split, for any features. */
const exemplarRules = { train: optional(integer(1)), val: optional(integer(0)), test: optional(integer(0)) }

const fewShotSeedRules = { data: optional(seed, 0), evaluation: optional(seed, 1), labels: optional(seed, 20) }

const heldOutRule = either(
  'a share in [0, 1) or a list of label sets',
  belowOne,
  listOf(listOf(integer(0), 'a list of labels'), 'a list of label sets'),
)

/** Rules and defaults of the options; the limits set by the features are checked later. */
export const fewShotRules = {
  features: optional(anything as Rule<FewShotFeatures>),
  classes: optional(integer(1), 50),
  testClasses: optional(integer(0)),
  exemplars: optionalForm(exemplarRules),
  labels: optional(integer(1, 2 ** 24), 5),
  pairs: optional(integer(1, 4096), 2),
  burstiness: optional(integer(1, 4096), 1),
  relabel: optional(flag, true),
  heldOutLabels: optional(heldOutRule),
  seeds: optionalForm(fewShotSeedRules),
  evaluationSize: optional(integer(1, 2 ** 24), 1000),
} satisfies Record<keyof FewShotOptions, Rule<any>>

type Given = OptionsOf<typeof fewShotRules>

/** The given options, each checked by itself. @throws OpsinError `VALUE` or `NAME`. */
export function readFewShot(options: FewShotOptions): Given {
  return readOptions('fewShot', options, fewShotRules)
}

const integerOf = (name: string, value: unknown, min: number, max: number, hint?: string) =>
  check(`fewShot: ${name}`, value, integer(min, max), hint)

function resolveExemplars(given: Given['exemplars'], available: number): FewShotConfig['exemplars'] {
  const train = integerOf('exemplars.train', given.train ?? 1, 1, available)
  const test = integerOf('exemplars.test', given.test ?? 0, 0, available - train)
  const val = integerOf('exemplars.val', given.val ?? available - train - test, 0, available - train - test)
  return { train, val, test }
}

/** Pairs and burstiness, and from them how many different classes (and labels) a context has. */
function resolveForm({ pairs, burstiness }: Given): { pairs: number; burstiness: number; groups: number } {
  if (pairs % burstiness !== 0) {
    throw new OpsinError('VALUE', {
      where: 'fewShot: burstiness',
      expected: `a divisor of ${pairs} (pairs)`,
      got: `${burstiness}`,
      hint: 'Each class of a context occurs equally often.',
    })
  }
  return { pairs, burstiness, groups: pairs / burstiness }
}

function resolveHeldOut({ heldOutLabels, relabel }: Given): Pick<FewShotConfig, 'heldOutLabels'> {
  if (relabel) return { heldOutLabels: heldOutLabels ?? 0.2 }
  if (heldOutLabels === undefined) return {}
  throw new OpsinError('NO_EFFECT', {
    where: 'fewShot: heldOutLabels',
    expected: 'none without relabelling',
    got: show(heldOutLabels),
    hint: 'Leave it out, or set relabel: true.',
  })
}

/**
 * Checks the options against the features' shape and fills in the defaults that depend on it.
 *
 * @throws OpsinError `VALUE`, `NAME` or `NO_EFFECT`, naming the option.
 */
export function resolveFewShot(
  given: Given,
  [available, exemplars]: readonly number[],
  features: FewShotConfig['features'],
): FewShotConfig {
  const { pairs, burstiness, groups } = resolveForm(given)
  const { relabel, seeds, evaluationSize } = given
  const contextHint = `A context has ${groups} different classes; the features have ${available}.`
  const classes = integerOf('classes', given.classes, groups, available, contextHint)
  const left = available - classes
  const testClasses = integerOf('testClasses', given.testClasses ?? (left < groups ? 0 : Math.min(100, left)), 0, left)
  if (testClasses > 0) integerOf('testClasses', testClasses, groups, left, contextHint)
  const labels = relabel ? integerOf('labels', given.labels, groups, 2 ** 24, contextHint) : given.labels
  return {
    features,
    classes,
    testClasses,
    exemplars: resolveExemplars(given.exemplars, exemplars),
    labels,
    pairs,
    burstiness,
    relabel,
    ...resolveHeldOut(given),
    seeds,
    evaluationSize,
  }
}
