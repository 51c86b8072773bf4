import { positive, type Rule, readOptions } from '../../core/check.ts'

export interface ConstantScheduleOptions {
  readonly value: number
}

export const constantTable = { value: positive } satisfies Record<keyof ConstantScheduleOptions, Rule<any>>

/**
 * The same rate at every step, for a {@link warmUpSchedule} that leads up to it. Where nothing comes before, a number will do.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive.
 * @example
 * import { adam, constantSchedule, warmUpSchedule } from 'opsin'
 * const optimizer = adam({ lr: warmUpSchedule({ steps: 500, before: constantSchedule({ value: 1e-3 }) }) })
 */
export function constantSchedule(options: ConstantScheduleOptions) {
  return { kind: 'constant', ...readOptions('constantSchedule', options, constantTable) } as const
}

export function constantAt({ value }: ReturnType<typeof constantSchedule>): number {
  return value
}
