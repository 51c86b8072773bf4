import type { Parameters } from '../architectures/initialize.ts'
import { check, requireObject, text } from '../core/check.ts'
import { unknownName } from '../core/nearest.ts'
import type { Receipt } from '../inference/receipts.ts'
import type { Checkpoint } from './checkpoint.ts'
import { requireRecords } from './checkpoint-header.ts'
import type { EvaluationRecord } from './evaluate.ts'
import type { TrainOptions } from './options.ts'

/** The results of a finished run. */
export interface TrainingRun {
  readonly engine: string
  readonly steps: number
  readonly sequences: number
  /** The trained weights, by name. */
  readonly parameters: Parameters
  /** Every evaluation, in order. */
  readonly records: readonly EvaluationRecord[]
  /** The effect of each intervention. */
  readonly receipts: readonly Receipt[]
  /** The run at its end; {@link TrainOptions.resume} goes on from it. */
  readonly checkpoint: Checkpoint
}

/**
 * The points of a training curve: a probe's values on a set (default: the first one), against sequences seen.
 *
 * @throws OpsinError `NAME` for a probe that gives the run no numbers on that set, or a set it was not measured on, with
 * the nearest; `FORMAT` for what are no records.
 * @example
 * import { attentionOnly, curve, fewShot, train } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const run = await train(model, fewShot(), { sequences: 64, evaluateAt: 32 })
 * console.assert(curve(run, 'accuracy').map(([sequences]) => sequences).join() === '0,32,64')
 */
export function curve(run: { readonly records: readonly EvaluationRecord[] }, probe = 'loss', set?: string) {
  const { records: all } = requireObject('curve', run, 'a run, or what has its records')
  check('curve: probe', probe, text)
  if (set !== undefined) check('curve: set', set, text)
  requireRecords(all, 'curve')
  const sets = [...new Set(all.map((record) => record.set))]
  const wanted = set ?? sets[0]
  if (set !== undefined && !sets.includes(set)) throw unknownName('curve: set', 'an evaluation set', set, sets)
  const records = all.filter((record) => record.set === wanted)
  const points = records.flatMap(({ sequences, values }): [number, number][] => {
    const value = values[probe]
    return typeof value === 'number' ? [[sequences, value]] : []
  })
  if (points.length > 0) return points
  const numbers = records.flatMap(({ values }) =>
    Object.keys(values).filter((name) => typeof values[name] === 'number'),
  )
  throw unknownName('curve: probe', 'a probe that gives the run a number', probe, [...new Set(numbers)])
}
