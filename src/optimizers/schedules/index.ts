import { check, positive, type Rule } from '../../core/check.ts'
import { type ScheduleOf, scheduleFrom } from './define.ts'
import { plainSchedules } from './plain.ts'
import { warmUpAt, warmUpSchedule } from './warm-up.ts'

const schedules = { ...plainSchedules, 'warm-up': { make: warmUpSchedule, at: warmUpAt } } as const

/** A rate that changes from step to step, as plain JSON. It depends on the step alone, so a run can stop anywhere. */
export type Schedule = ScheduleOf<typeof schedules>

/** A learning rate: the same at every step, or a schedule. */
export type Rate = number | Schedule

/** For a table of options; {@link readRate} looks into it. */
export const aRate: Rule<Rate> = {
  expected: 'a positive number or a schedule',
  fits: (value) => positive.fits(value) || (typeof value === 'object' && value !== null && !Array.isArray(value)),
}

/** Gives a rate back, with its defaults filled in. @throws OpsinError as the schedule it is. */
export function readRate(where: string, rate: Rate): Rate {
  check(where, rate, aRate)
  return typeof rate === 'number' ? rate : scheduleFrom(where, rate, schedules)
}

/** The value of a rate at a step (0 is the first). */
export function rateAt(rate: Rate, step: number): number {
  return typeof rate === 'number' ? rate : schedules[rate.kind].at(rate as never, step)
}

export { type ConstantScheduleOptions, constantSchedule } from './constant.ts'
export { type CosineScheduleOptions, cosineSchedule } from './cosine.ts'
export { type LinearScheduleOptions, linearSchedule } from './linear.ts'
export { type StepScheduleOptions, stepSchedule } from './steps.ts'
export { type WarmUpScheduleOptions, warmUpSchedule } from './warm-up.ts'
