import { positive, type Rule } from '../../core/check.ts'
import { either, titled } from '../../core/choice.ts'
import { aScheduleOf, type ScheduleOf } from './define.ts'
import { plainSchedules } from './plain.ts'
import { warmUpAt, warmUpSchedule, warmUpTable } from './warm-up.ts'

const schedules = { ...plainSchedules, 'warm-up': { table: warmUpTable, make: warmUpSchedule, at: warmUpAt } } as const

/** A rate that changes from step to step, as plain JSON. It depends on the step alone, so a run can stop anywhere. */
export type Schedule = ScheduleOf<typeof schedules>

/** A learning rate: the same at every step, or a schedule. */
export type Rate = number | Schedule

export const aSchedule: Rule<Schedule> = titled('schedule', aScheduleOf(schedules))

export const aRate: Rule<Rate> = either('a positive number or a schedule', positive, aSchedule)

/** The value of a rate at a step (0 is the first). */
export function rateAt(rate: Rate, step: number): number {
  return typeof rate === 'number' ? rate : schedules[rate.kind].at(rate as never, step)
}

export { type ConstantScheduleOptions, constantSchedule } from './constant.ts'
export { type CosineScheduleOptions, cosineSchedule } from './cosine.ts'
export { type LinearScheduleOptions, linearSchedule } from './linear.ts'
export { type StepScheduleOptions, stepSchedule } from './steps.ts'
export { type WarmUpScheduleOptions, warmUpSchedule } from './warm-up.ts'
