import type { Parameters } from '../architectures/initialize.ts'
import type { Receipt } from '../inference/receipts.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { EvaluationRecord } from './evaluate.ts'
import type { TrainOptions } from './options.ts'

/** What a finished run leaves. */
export interface TrainingRun {
  readonly engine: string
  readonly steps: number
  readonly sequences: number
  /** The trained weights, by name. */
  readonly parameters: Parameters
  /** Every evaluation, in order. */
  readonly records: readonly EvaluationRecord[]
  /** What each intervention did. */
  readonly receipts: readonly Receipt[]
  /** The run at its end; {@link TrainOptions.resume} goes on from it. */
  readonly checkpoint: Checkpoint
}

/**
 * The points of a training curve: what a probe measured on a set (default: the first one), against sequences seen.
 *
 * @example
 * import { attentionOnly, curve, fewShot, train } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const run = await train(model, fewShot(), { sequences: 64, evaluateAt: 32 })
 * console.assert(curve(run, 'accuracy').map(([sequences]) => sequences).join() === '0,32,64')
 */
export function curve(run: { readonly records: readonly EvaluationRecord[] }, probe = 'loss', set?: string) {
  const wanted = set ?? run.records[0]?.set
  return run.records.flatMap(({ sequences, set: of, values }): [number, number][] => {
    const value = values[probe]
    return typeof value === 'number' && wanted === of ? [[sequences, value]] : []
  })
}
