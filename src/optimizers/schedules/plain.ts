import type { Rule } from '../../core/check.ts'
import { constantAt, constantSchedule, constantTable } from './constant.ts'
import { cosineAt, cosineSchedule } from './cosine.ts'
import { aScheduleOf, type ScheduleOf } from './define.ts'
import { linearAt, linearSchedule } from './linear.ts'
import { rampTable } from './ramp.ts'
import { stepSchedule, stepsAt, stepsTable } from './steps.ts'

/** The schedules that stand for themselves: one line each. */
export const plainSchedules = {
  constant: { table: constantTable, make: constantSchedule, at: constantAt },
  linear: { table: rampTable, make: linearSchedule, at: linearAt },
  cosine: { table: rampTable, make: cosineSchedule, at: cosineAt },
  steps: { table: stepsTable, make: stepSchedule, at: stepsAt },
} as const

/** A rate that changes from step to step, as plain JSON. */
export type PlainSchedule = ScheduleOf<typeof plainSchedules>

export const aPlainSchedule: Rule<PlainSchedule> = aScheduleOf(plainSchedules)
