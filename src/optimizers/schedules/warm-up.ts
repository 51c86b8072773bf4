import { notNegative, optional, type Rule, readOptions } from '../../core/check.ts'
import { someSteps } from './define.ts'
import { aPlainSchedule, type PlainSchedule, plainSchedules } from './plain.ts'

export interface WarmUpScheduleOptions {
  /** How long it takes, in steps. */
  readonly steps: number
  /** The rate at the first step; default 0. */
  readonly from?: number
  /** The schedule after the warm-up, whose own first step is step `steps` of the run. */
  readonly before: PlainSchedule
}

export const warmUpTable = {
  steps: someSteps,
  from: optional(notNegative, 0),
  before: aPlainSchedule,
} satisfies Record<keyof WarmUpScheduleOptions, Rule<any>>

/**
 * A rate that rises along a straight line to where another schedule begins, which goes on from there.
 *
 * @throws OpsinError `VALUE` for a rate or steps outside their range; `NAME` for what comes after it and is no schedule.
 * @example
 * import { adam, linearSchedule, warmUpSchedule } from 'opsin'
 * const optimizer = adam({ lr: warmUpSchedule({ steps: 100, before: linearSchedule({ from: 1e-3, steps: 900 }) }) })
 */
export function warmUpSchedule(options: WarmUpScheduleOptions) {
  return { kind: 'warm-up', ...readOptions('warmUpSchedule', options, warmUpTable) } as const
}

export function warmUpAt({ steps, from, before }: ReturnType<typeof warmUpSchedule>, step: number): number {
  const after = (later: number) => plainSchedules[before.kind].at(before as never, later)
  return step >= steps ? after(step - steps) : from + (after(0) - from) * (step / steps)
}
