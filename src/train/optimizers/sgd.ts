import { type Forms, positiveNumber, required, requireOptions } from '../../core/form.ts'
import { type Optimizer, share } from './define.ts'

export interface SgdOptions {
  readonly lr: number
  /** Default 0: plain gradient descent. */
  readonly momentum?: number
}

const forms: Forms<SgdOptions> = { lr: required(positiveNumber), momentum: share }

/**
 * Stochastic gradient descent: p − lr · u with u = momentum · u + gradient.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive or a momentum outside [0, 1), `NAME` for other options.
 * @example
 * import { sgd } from 'opsin'
 * const optimizer = sgd({ lr: 0.1, momentum: 0.9 })
 */
export function sgd(options: SgdOptions): Optimizer {
  requireOptions('sgd', options, forms)
  const { lr, momentum = 0 } = options
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
