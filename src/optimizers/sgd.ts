import { belowOne, optional, positive, type Rule, readOptions } from '../core/check.ts'
import type { Optimizer } from './define.ts'

export interface SgdOptions {
  readonly lr: number
  /** Default 0: plain gradient descent. */
  readonly momentum?: number
}

const table = { lr: positive, momentum: optional(belowOne, 0) } satisfies Record<keyof SgdOptions, Rule<any>>

/**
 * Stochastic gradient descent: p − lr · u with u = momentum · u + gradient.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive or a momentum outside [0, 1).
 * @example
 * import { sgd } from 'opsin'
 * const optimizer = sgd({ lr: 0.1, momentum: 0.9 })
 */
export function sgd(options: SgdOptions): Optimizer {
  const { lr, momentum } = readOptions('sgd', options, table)
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
