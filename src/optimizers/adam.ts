import { belowOne, optional, positive, type Rule, readOptions } from '../core/check.ts'
import type { Optimizer } from './define.ts'

export interface AdamOptions {
  readonly lr: number
  readonly beta1?: number
  readonly beta2?: number
  readonly eps?: number
}

const table = {
  lr: positive,
  beta1: optional(belowOne, 0.9),
  beta2: optional(belowOne, 0.999),
  eps: optional(positive, 1e-8),
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
  const { lr, beta1, beta2, eps } = readOptions('adam', options, table)
  return {
    config: { kind: 'adam', lr, beta1, beta2, eps },
    remembers: ['m', 'v'],
    rateCount: 2,
    rates: (step) => [lr / (1 - power(beta1, step + 1)), 1 / (1 - power(beta2, step + 1))],
    emit: ({ builder, state, gradients, rates }) =>
      builder.op('adam', [state, gradients, rates], { beta1, beta2, eps }),
  }
}

/** By squaring: products alone, which every JavaScript engine rounds alike, as it need not in `**`. */
function power(base: number, exponent: number): number {
  if (exponent === 0) return 1
  const root = power(base, Math.floor(exponent / 2))
  return exponent % 2 === 0 ? root * root : root * root * base
}
