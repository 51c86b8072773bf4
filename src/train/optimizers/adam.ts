import { requireRange } from './check.ts'
import type { Optimizer } from './define.ts'

export interface AdamOptions {
  readonly lr: number
  readonly beta1?: number
  readonly beta2?: number
  readonly eps?: number
}

/**
 * Adam [Kingma and Ba 2015]: p − lr · m̂ / (√v̂ + eps), with running means m of the gradient and v of its square, each
 * divided by 1 − βᵗ.
 *
 * @throws OpsinError `VALUE` for rates that are not positive or betas outside [0, 1).
 * @example
 * import { adam } from 'opsin'
 * const optimizer = adam({ lr: 1e-5 })
 */
export function adam({ lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions): Optimizer {
  requireRange('adam: lr', lr, lr > 0 && Number.isFinite(lr), 'a positive number')
  requireRange('adam: beta1', beta1, beta1 >= 0 && beta1 < 1, 'a number from 0 to below 1')
  requireRange('adam: beta2', beta2, beta2 >= 0 && beta2 < 1, 'a number from 0 to below 1')
  requireRange('adam: eps', eps, eps > 0 && Number.isFinite(eps), 'a positive number')
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
