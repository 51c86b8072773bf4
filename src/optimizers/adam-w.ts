import { notNegative, optional, type Rule, readOptions } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { power } from '../core/exact-math.ts'
import { type AdamOptions, adamTable } from './adam.ts'
import type { Optimizer } from './define.ts'
import { rateAt } from './schedules/index.ts'

export interface AdamWOptions extends AdamOptions {
  /** The share of itself that a parameter loses at each step, times the learning rate; default 0.01. */
  readonly weightDecay?: number
}

export const adamWTable = { ...adamTable, weightDecay: optional(notNegative, 0.01) } satisfies Record<
  keyof AdamWOptions,
  Rule<any>
>

/**
 * Adam with decoupled weight decay [Loshchilov and Hutter 2019], as PyTorch has it: first p − lr · weightDecay · p, then
 * Adam's step, in which the decay has no part. It decays every parameter it is given: to spare biases and gains, put
 * them into another of the {@link groups}.
 *
 * @throws OpsinError `VALUE` for rates that are not positive, a decay below 0 or betas outside [0, 1).
 * @example
 * import { adamW } from 'opsin'
 * const optimizer = adamW({ lr: 1e-3, weightDecay: 1 })
 */
export function adamW(options: AdamWOptions): Optimizer {
  const { lr, beta1, beta2, eps, weightDecay, clip } = readOptions('adamW', options, adamWTable)
  return {
    config: defined({ kind: 'adam-w', lr, beta1, beta2, eps, weightDecay, clip }),
    remembers: ['m', 'v'],
    rateCount: 3,
    rates(step, updates = step) {
      const rate = rateAt(lr, step)
      const [first, second] = [1 - power(beta1, updates + 1), 1 - power(beta2, updates + 1)]
      return [rate / first, 1 / second, 1 - rate * weightDecay]
    },
    clip,
    emit: ({ builder, state, gradients, rates }) =>
      builder.op('adam-w', [state, gradients, rates], { beta1, beta2, eps }),
  }
}
