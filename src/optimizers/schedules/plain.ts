import { constant, constantAt } from './constant.ts'
import { cosine, cosineAt } from './cosine.ts'
import type { ScheduleOf } from './define.ts'
import { linear, linearAt } from './linear.ts'
import { steps, stepsAt } from './steps.ts'

/** The schedules that stand for themselves: how each is made, and what it comes to at a step. One line each. */
export const plainSchedules = {
  constant: { make: constant, at: constantAt },
  linear: { make: linear, at: linearAt },
  cosine: { make: cosine, at: cosineAt },
  steps: { make: steps, at: stepsAt },
} as const

/** A rate that changes from step to step, as plain JSON. */
export type PlainSchedule = ScheduleOf<typeof plainSchedules>
