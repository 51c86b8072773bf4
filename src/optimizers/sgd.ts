import { belowOne, notNegative, optional, positive, type Rule, readOptions } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import type { Optimizer } from './define.ts'
import { aRate, type Rate, rateAt } from './schedules/index.ts'

export interface SgdOptions {
  /** The learning rate: a number, or a schedule such as `cosineSchedule(…)`. */
  readonly lr: Rate
  /** Default 0: plain gradient descent. */
  readonly momentum?: number
  /** The factor by which each parameter is added to its gradient; default 0. */
  readonly weightDecay?: number
  /** The largest norm of all gradients together; larger ones are scaled down to it, before any decay is added. */
  readonly clip?: number
}

export const sgdTable = {
  lr: aRate,
  momentum: optional(belowOne, 0),
  weightDecay: optional(notNegative),
  clip: optional(positive),
} satisfies Record<keyof SgdOptions, Rule<any>>

/**
 * Stochastic gradient descent, as PyTorch has it: p − lr · u with u = momentum · u + gradient + weightDecay · p.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive, a decay below 0 or a momentum outside [0, 1).
 * @example
 * import { sgd } from 'opsin'
 * const optimizer = sgd({ lr: 0.1, momentum: 0.9, weightDecay: 1e-4 })
 */
export function sgd(options: SgdOptions): Optimizer {
  const { lr, momentum, weightDecay, clip } = readOptions('sgd', options, sgdTable)
  return {
    config: defined({ kind: 'sgd', lr, momentum, weightDecay, clip }),
    remembers: momentum === 0 ? [] : ['u'],
    rateCount: 1,
    rates: (step) => [rateAt(lr, step)],
    clip,
    emit({ builder, state, gradients, rates }) {
      const slope = weightDecay ? builder.op('weight-decay', [gradients, state], { decay: weightDecay }) : gradients
      return momentum === 0
        ? builder.op('sgd', [state, slope, rates])
        : builder.op('momentum', [state, slope, rates], { decay: momentum })
    },
  }
}
