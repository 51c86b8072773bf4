import { requireRange } from './check.ts'
import type { Optimizer } from './define.ts'

export interface SgdOptions {
  readonly lr: number
  /** Default 0: plain gradient descent. */
  readonly momentum?: number
}

/**
 * Stochastic gradient descent: p − lr · u with u = momentum · u + gradient.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive or a momentum outside [0, 1).
 * @example
 * import { sgd } from 'opsin'
 * const optimizer = sgd({ lr: 0.1, momentum: 0.9 })
 */
export function sgd({ lr, momentum = 0 }: SgdOptions): Optimizer {
  requireRange('sgd: lr', lr, lr > 0 && Number.isFinite(lr), 'a positive number')
  requireRange('sgd: momentum', momentum, momentum >= 0 && momentum < 1, 'a number from 0 to below 1')
  return {
    config: { kind: 'sgd', lr, momentum },
    remembers: momentum === 0 ? [] : ['u'],
    rateCount: 1,
    rates: () => [lr],
    emit: ({ builder, state, gradients, rates }) =>
      momentum === 0
        ? builder.op('sgd', [state, gradients, rates])
        : builder.op('momentum', [state, gradients, rates], { decay: momentum }),
  }
}
