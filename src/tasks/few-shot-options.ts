import { OpsinError } from '../core/errors.ts'
import { requireInteger, requireKnownFields } from './check.ts'
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

const names: readonly string[] = [
  'features',
  'classes',
  'testClasses',
  'exemplars',
  'labels',
  'pairs',
  'burstiness',
  'relabel',
  'heldOutLabels',
  'seeds',
  'evaluationSize',
] satisfies (keyof FewShotOptions)[]

const integer = (name: string, value: unknown, min: number, max?: number, hint?: string) =>
  requireInteger(`fewShot: ${name}`, value, min, max, hint)

function resolveExemplars(
  split: NonNullable<FewShotOptions['exemplars']>,
  available: number,
): FewShotConfig['exemplars'] {
  requireKnownFields('fewShot: exemplars', split, ['train', 'val', 'test'])
  const train = integer('exemplars.train', split.train ?? 1, 1, available)
  const test = integer('exemplars.test', split.test ?? 0, 0, available - train)
  const val = integer('exemplars.val', split.val ?? available - train - test, 0, available - train - test)
  return { train, val, test }
}

function resolveSeeds(seeds: NonNullable<FewShotOptions['seeds']>): FewShotConfig['seeds'] {
  requireKnownFields('fewShot: seeds', seeds, ['data', 'evaluation', 'labels'])
  return {
    data: integer('seeds.data', seeds.data ?? 0, 0),
    evaluation: integer('seeds.evaluation', seeds.evaluation ?? 1, 0),
    labels: integer('seeds.labels', seeds.labels ?? 20, 0),
  }
}

/** Pairs and burstiness, and from them how many different classes (and labels) a context has. */
function resolveForm(options: FewShotOptions): { pairs: number; burstiness: number; groups: number } {
  const pairs = integer('pairs', options.pairs ?? 2, 1, 4096)
  const burstiness = integer('burstiness', options.burstiness ?? 1, 1, pairs)
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

function resolveHeldOut(options: FewShotOptions, relabel: boolean): Pick<FewShotConfig, 'heldOutLabels'> {
  if (relabel) return { heldOutLabels: options.heldOutLabels ?? 0.2 }
  if (options.heldOutLabels === undefined) return {}
  throw new OpsinError('NO_EFFECT', {
    where: 'fewShot: heldOutLabels',
    expected: 'none without relabelling',
    got: JSON.stringify(options.heldOutLabels),
    hint: 'Leave it out, or set relabel: true.',
  })
}

/**
 * Checks the options against the features' shape and fills in the defaults.
 *
 * @throws OpsinError `VALUE`, `NAME`, `DTYPE` or `NO_EFFECT`, naming the option.
 */
export function resolveFewShot(
  options: FewShotOptions,
  [available, exemplars]: readonly number[],
  features: FewShotConfig['features'],
): FewShotConfig {
  requireKnownFields('fewShot', options, names)
  const { pairs, burstiness, groups } = resolveForm(options)
  const relabel = options.relabel ?? true
  if (typeof relabel !== 'boolean') {
    throw new OpsinError('DTYPE', { where: 'fewShot: relabel', expected: 'true or false', got: String(relabel) })
  }
  const contextHint = `A context has ${groups} different classes; the features have ${available}.`
  const classes = integer('classes', options.classes ?? 50, groups, available, contextHint)
  const left = available - classes
  const testClasses = integer('testClasses', options.testClasses ?? (left < groups ? 0 : Math.min(100, left)), 0, left)
  if (testClasses > 0) integer('testClasses', testClasses, groups, left, contextHint)
  const labels = integer(
    'labels',
    options.labels ?? 5,
    relabel ? groups : 1,
    2 ** 24,
    relabel ? contextHint : undefined,
  )
  return {
    features,
    classes,
    testClasses,
    exemplars: resolveExemplars(options.exemplars ?? {}, exemplars),
    labels,
    pairs,
    burstiness,
    relabel,
    ...resolveHeldOut(options, relabel),
    seeds: resolveSeeds(options.seeds ?? {}),
    evaluationSize: integer('evaluationSize', options.evaluationSize ?? 1000, 1, 2 ** 24),
  }
}
