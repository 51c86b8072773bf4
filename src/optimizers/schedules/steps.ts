import { positive, type Rule, readOptions } from '../../core/check.ts'
import { such } from '../../core/choice.ts'
import { listOf } from '../../core/fields.ts'
import { someSteps } from './define.ts'

export interface StepScheduleOptions {
  /** The rate at the first step. */
  readonly from: number
  /** The factor that multiplies the rate, each time. */
  readonly factor: number
  /** The steps from which on it is multiplied once more, in order. */
  readonly at: readonly number[]
}

const steadyRise = such(
  listOf(someSteps, 'a list of steps, positive integers that rise', 1),
  (at) => at.every((step, i) => i === 0 || step > at[i - 1]),
  'steps rise',
)

export const stepsTable = {
  from: positive,
  factor: positive,
  at: steadyRise,
} satisfies Record<keyof StepScheduleOptions, Rule<any>>

/**
 * A rate that falls (or rises) by a factor at each of these steps.
 *
 * @throws OpsinError `VALUE` for numbers that are not positive and steps that are not in order.
 * @example
 * import { sgd, stepSchedule } from 'opsin'
 * const optimizer = sgd({ lr: stepSchedule({ from: 0.1, factor: 0.1, at: [3_000, 6_000] }) })
 */
export function stepSchedule(options: StepScheduleOptions) {
  const { at, ...rest } = readOptions('stepSchedule', options, stepsTable)
  return { kind: 'steps', ...rest, at: [...at] } as const
}

export function stepsAt({ from, factor, at }: ReturnType<typeof stepSchedule>, step: number): number {
  return at.reduce((rate, next) => (step >= next ? rate * factor : rate), from)
}
