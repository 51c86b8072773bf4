import { requireObject } from '../core/check.ts'
import { named } from '../core/nearest.ts'
import { adam } from './adam.ts'
import type { Optimizer } from './define.ts'
import { sgd } from './sgd.ts'

const optimizers = { adam, sgd } as const

/**
 * Rebuilds an optimiser from its config.
 *
 * @throws OpsinError `NAME` for a kind that does not exist and for options that its optimiser does not have;
 * `VALUE` for rates outside their range.
 * @example
 * import { optimizerFrom } from 'opsin'
 * const optimizer = optimizerFrom({ kind: 'sgd', lr: 0.1, momentum: 0.9 })
 */
export function optimizerFrom(config: Optimizer['config']): Optimizer {
  const { kind, ...options } = requireObject('optimizerFrom', config, 'an object { kind, …options }')
  return named('optimizerFrom: kind', 'an optimiser', kind, optimizers)(options as { lr: number })
}
