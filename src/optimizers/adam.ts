import { belowOne, optional, positive, type Rule, readOptions } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { power } from '../core/exact-math.ts'
import type { Optimizer } from './define.ts'
import { aRate, type Rate, rateAt } from './schedules/index.ts'

export interface AdamOptions {
  /** The learning rate: a number, or a schedule such as `cosineSchedule(…)`. */
  readonly lr: Rate
  readonly beta1?: number
  readonly beta2?: number
  readonly eps?: number
  /** The largest norm of all gradients together; larger ones are scaled down to it. */
  readonly clip?: number
}

/** The rules of these options. */
export const adamTable = {
  lr: aRate,
  beta1: optional(belowOne, 0.9),
  beta2: optional(belowOne, 0.999),
  eps: optional(positive, 1e-8),
  clip: optional(positive),
} satisfies Record<keyof AdamOptions, Rule<any>>

/**
 * Adam [Kingma and Ba 2015]: p − lr · m̂ / (√v̂ + eps), with running means m of the gradient and v of its square, each
 * divided by 1 − βᵗ.
 *
 * @throws OpsinError `VALUE` for rates that are not positive or betas outside [0, 1).
 * @example
 * import { adam } from 'opsin'
 * const optimizer = adam({ lr: 1e-5 })
 */
export function adam(options: AdamOptions): Optimizer {
  const { lr, beta1, beta2, eps, clip } = readOptions('adam', options, adamTable)
  return {
    config: defined({ kind: 'adam', lr, beta1, beta2, eps, clip }),
    remembers: ['m', 'v'],
    rateCount: 2,
    rates: (step, updates = step) => [
      rateAt(lr, step) / (1 - power(beta1, updates + 1)),
      1 / (1 - power(beta2, updates + 1)),
    ],
    clip,
    emit: ({ builder, state, gradients, rates }) =>
      builder.op('adam', [state, gradients, rates], { beta1, beta2, eps }),
  }
}
