import type { Checkpoint } from './checkpoint.ts'
import type { EvaluationRecord } from './evaluate.ts'

/** The events of a run. */
export type TrainEvent =
  /** Before the first step (or the first after resuming). */
  | { readonly type: 'start'; readonly step: number; readonly steps: number; readonly engine: string }
  /** About ten times a second: the progress, the loss of the last batch and the mean time of a step since the last such event. */
  | {
      readonly type: 'progress'
      readonly step: number
      readonly sequences: number
      readonly loss: number
      readonly msPerStep: number
    }
  /** Other interventions are active from this step on than before it; their places in the list. */
  | { readonly type: 'interventions'; readonly step: number; readonly active: readonly number[] }
  /** A set was measured. */
  | ({ readonly type: 'evaluation' } & EvaluationRecord)
  /** A checkpoint to keep. */
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
