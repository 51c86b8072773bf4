import { check, integer } from '../core/check.ts'
import { named } from '../core/nearest.ts'
import { philox, streams } from '../core/rng.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import type { Batch, Task } from './define.ts'
import { enumerateSequences } from './few-shot-enumerate.ts'
import { resolveFeatures } from './few-shot-features.ts'
import { type FewShotConfig, type FewShotOptions, readFewShot, resolveFewShot } from './few-shot-options.ts'
import { type RowOf, type SequenceForm, type SequenceSource, sequenceSampler } from './few-shot-sequences.ts'
import { type LabelSet, splitLabelSets } from './label-sets.ts'

/** The task made by {@link fewShot}. */
export interface FewShot extends Task {
  readonly name: 'few-shot'
  readonly config: FewShotConfig
  readonly sizes: {
    readonly pairs: number
    readonly features: number
    readonly labels: number
    /** Rows of the table `features`. */
    readonly rows: number
    /** Training uses only the rows below this one: an engine may embed those alone. */
    readonly trainRows: number
  }
  /** Label sets that sequences of training use, and those kept from it; both empty without relabelling. */
  readonly labelSets: { readonly train: readonly LabelSet[]; readonly heldOut: readonly LabelSet[] }
  /** The row of the table that holds an exemplar of a class; throws VALUE when there is none. */
  rowOf(label: number, exemplar: number): number
  /** Every sequence of the training distribution, each once, all equally likely; throws VALUE above 5,000,000. */
  enumerate(): Batch
}

/** The table [rows, features]: exemplars of training first, then the others, both by class and exemplar. */
function buildTable(features: Tensor, { classes, exemplars }: FewShotConfig): { table: Tensor; rows: Int32Array } {
  const [count, perClass, size] = features.shape
  const trained = (item: number) => item < classes * perClass && item % perClass < exemplars.train
  const items = Array.from({ length: count * perClass }, (_, item) => item)
  const ordered = [...items.filter(trained), ...items.filter((item) => !trained(item))]
  const data = features.data.slice()
  const rows = new Int32Array(items.length)
  ordered.forEach((item, row) => {
    rows[item] = row
    data.set(features.data.subarray(item * size, (item + 1) * size), row * size)
  })
  return { table: tensor([items.length, size], data, ['row', 'feature']), rows }
}

/** A number per evaluator, part of its seed: append only. */
const evaluatorStep = { train: 0, 'test-class': 1, relabel: 2, 'val-exemplar': 3 } as const
type EvaluatorName = keyof typeof evaluatorStep

/** The source of each evaluator; an evaluator with nothing to draw from is left out. */
function evaluatorSources(
  config: FewShotConfig,
  train: SequenceSource,
  heldOut: Int32Array | undefined,
  available: number,
): Readonly<Partial<Record<EvaluatorName, SequenceSource>>> {
  const { testClasses, exemplars, pairs, burstiness } = config
  const sources: Partial<Record<EvaluatorName, SequenceSource>> = { train }
  if (testClasses >= pairs / burstiness) {
    const firstClass = available - testClasses
    sources['test-class'] = { ...train, firstClass, classes: testClasses, firstExemplar: 0, exemplars: 1 }
  }
  if (heldOut !== undefined && heldOut.length > 0) sources.relabel = { ...train, labelSets: heldOut }
  if (exemplars.val > 0) {
    sources['val-exemplar'] = { ...train, firstExemplar: exemplars.train, exemplars: exemplars.val }
  }
  return sources
}

/**
 * In-context few-shot classification: `exemplar, label, exemplar, label, query`, where only the context gives the
 * query's label, since every sequence gives its classes new labels. Solving it takes match and copy, an induction head.
 *
 * A batch is `{ exemplars, labels, targets }`, all integers: rows of the table `features`, `[batch, pairs + 1]` with the
 * query last; labels `[batch, pairs]`; the query's label `[batch]`. The query's class is uniform over the training classes
 * and occurs `burstiness` times in the context; the other classes of the context are uniform over the rest and occur
 * as often; the order is uniform. With more than two classes in a context, label pairs become label sets: as many
 * different labels as classes.
 *
 * Evaluators: `train` (as training); `test-class` (held-out classes, their exemplar 0); `relabel` (held-out
 * label sets); `val-exemplar` (held-out exemplars of training classes, drawn anew for each position). One that has nothing to
 * draw from is absent.
 *
 * Source: Singh et al. 2024 (arXiv 2404.07129), sheet 01, section 2; the defaults are the paper's, but for the features and
 * for which two label pairs the seed holds out (theirs: `heldOutLabels: [[1, 3], [0, 2]]`).
 *
 * @throws OpsinError `VALUE`, `SHAPE`, `DTYPE`, `NOT_FINITE`, `NAME` or `NO_EFFECT` for options that do not fit, naming the
 *   option.
 * @example
 * import { fewShot } from 'opsin'
 * const task = fewShot({ classes: 50, labels: 5, heldOutLabels: [[1, 3], [0, 2]] })
 * const { exemplars, targets } = task.batch(0, 32)
 * if (exemplars.shape[1] !== 3 || targets.data.length !== 32) throw new Error('wrong shapes')
 * if (task.enumerate().targets.data.length !== 78_400) throw new Error('wrong distribution')
 */
export function fewShot(options: FewShotOptions = {}): FewShot {
  const given = readFewShot(options)
  const { features, config: featureConfig } = resolveFeatures(given.features ?? {})
  const config = resolveFewShot(given, features.shape, featureConfig)
  const [available, perClass, size] = features.shape
  const { classes, pairs, burstiness, labels, exemplars, seeds } = config
  const form: SequenceForm = { pairs, burstiness, groups: pairs / burstiness, labels }
  const { table, rows } = buildTable(features, config)
  const trainRows = classes * exemplars.train
  const uncheckedRow: RowOf = (label, exemplar) => rows[label * perClass + exemplar]

  const labelSets = config.relabel
    ? splitLabelSets(labels, form.groups, config.heldOutLabels ?? 0, seeds.labels)
    : { train: [], heldOut: [] }
  const flat = (sets: readonly LabelSet[]) => (config.relabel ? Int32Array.from(sets.flat()) : undefined)
  const trainSource = {
    firstClass: 0,
    classes,
    firstExemplar: 0,
    exemplars: exemplars.train,
    labelSets: flat(labelSets.train),
  }
  const sources = evaluatorSources(config, trainSource, flat(labelSets.heldOut), available)
  const sample = sequenceSampler(form, trainSource, uncheckedRow)
  const data = philox(seeds.data, streams.data)
  const evaluation = philox(seeds.evaluation, streams.evaluation)

  return {
    name: 'few-shot',
    config,
    sizes: { pairs, features: size, labels, rows: rows.length, trainRows },
    tables: { features: table },
    trainingTables: { features: firstRows(table, trainRows) },
    labelSets,
    rowOf(label, exemplar) {
      check('fewShot: rowOf: class', label, integer(0, available - 1))
      check('fewShot: rowOf: exemplar', exemplar, integer(0, perClass - 1))
      return uncheckedRow(label, exemplar)
    },
    batch(step, count) {
      check('fewShot: batch: step', step, integer(0))
      check('fewShot: batch: size', count, integer(1, 2 ** 24))
      return sample(data, step, count)
    },
    evaluators: Object.keys(sources),
    evaluator(name, count = config.evaluationSize) {
      const source = named('fewShot: evaluator', 'an evaluator', name, sources)
      check('fewShot: evaluator: count', count, integer(1, 2 ** 24))
      return sequenceSampler(form, source, uncheckedRow)(evaluation, evaluatorStep[name as EvaluatorName], count)
    },
    enumerate: () => enumerateSequences(form, trainSource, uncheckedRow),
  }
}

/** The rows that training reads come first: a view of them. */
function firstRows({ shape: [, width], data }: Tensor, rows: number): Tensor {
  return tensor([rows, width], data.subarray(0, rows * width))
}
