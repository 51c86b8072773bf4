import type { Tensor } from '../core/tensor.ts'
import type { Batch } from '../tasks/define.ts'

/** What a probe sees: copies of the hook points it asked for, over a whole evaluation set. */
export interface Reading {
  readonly points: Readonly<Record<string, Tensor>>
  readonly batch: Batch
}

/**
 * A read-out of a model in training: it names the hook points it needs and turns their values into a number, or several
 * (one a head). It changes nothing.
 */
export interface Probe {
  /** What its values are called in records and logs. */
  readonly name: string
  readonly points: readonly string[]
  /** How often, in sequences; default: at every evaluation. */
  readonly every?: number
  read(reading: Reading): number | readonly number[]
}
