import { notNegative, optional, positive, type Rule } from '../../core/check.ts'
import { someSteps } from './define.ts'

/** Options of schedules that go from one rate to another. */
export interface RampOptions {
  /** The rate at the first step. */
  readonly from: number
  /** The rate from step `steps` on; default 0. */
  readonly to?: number
  /** How long it takes, in steps. */
  readonly steps: number
}

export const rampTable = {
  from: positive,
  to: optional(notNegative, 0),
  steps: someSteps,
} satisfies Record<keyof RampOptions, Rule<any>>
