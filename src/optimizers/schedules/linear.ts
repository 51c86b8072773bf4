import { notNegative, optional, positive, type Rule, readOptions } from '../../core/check.ts'
import { someSteps } from './define.ts'

export interface LinearOptions {
  /** The rate at the first step. */
  readonly from: number
  /** The rate from step `steps` on; default 0. */
  readonly to?: number
  /** How long it takes, in steps. */
  readonly steps: number
}

const table = { from: positive, to: optional(notNegative, 0), steps: someSteps } satisfies Record<
  keyof LinearOptions,
  Rule<any>
>

/**
 * A rate that goes from one value to another along a straight line, and stays there.
 *
 * @throws OpsinError `VALUE` for rates or steps outside their range.
 * @example
 * import { adam, linear } from 'opsin'
 * const optimizer = adam({ lr: linear({ from: 1e-3, to: 1e-5, steps: 10_000 }) })
 */
export function linear(options: LinearOptions) {
  return { kind: 'linear', ...readOptions('linear', options, table) } as const
}

export function linearAt({ from, to, steps }: ReturnType<typeof linear>, step: number): number {
  return step >= steps ? to : from + (to - from) * (step / steps)
}
