import { anything, notNegative, optional, type Rule, readOptions } from '../../core/check.ts'
import { scheduleFrom, someSteps } from './define.ts'
import { type PlainSchedule, plainSchedules } from './plain.ts'

export interface WarmUpScheduleOptions {
  /** How long it takes, in steps. */
  readonly steps: number
  /** The rate at the first step; default 0. */
  readonly from?: number
  /** The schedule after the warm-up, whose own first step is step `steps` of the run. */
  readonly before: PlainSchedule
}

const table = {
  steps: someSteps,
  from: optional(notNegative, 0),
  before: { ...anything, expected: 'a schedule' },
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
  const { before, ...own } = readOptions('warmUpSchedule', options, table)
  return { kind: 'warm-up', ...own, before: scheduleFrom('warmUpSchedule: before', before, plainSchedules) } as const
}

export function warmUpAt({ steps, from, before }: ReturnType<typeof warmUpSchedule>, step: number): number {
  const after = (later: number) => plainSchedules[before.kind].at(before as never, later)
  return step >= steps ? after(step - steps) : from + (after(0) - from) * (step / steps)
}
