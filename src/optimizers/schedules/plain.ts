import { constantAt, constantSchedule } from './constant.ts'
import { cosineAt, cosineSchedule } from './cosine.ts'
import type { ScheduleOf } from './define.ts'
import { linearAt, linearSchedule } from './linear.ts'
import { stepSchedule, stepsAt } from './steps.ts'

/** The schedules that stand for themselves: how each is made, and its value at a step. One line each. */
export const plainSchedules = {
  constant: { make: constantSchedule, at: constantAt },
  linear: { make: linearSchedule, at: linearAt },
  cosine: { make: cosineSchedule, at: cosineAt },
  steps: { make: stepSchedule, at: stepsAt },
} as const

/** A rate that changes from step to step, as plain JSON. */
export type PlainSchedule = ScheduleOf<typeof plainSchedules>
