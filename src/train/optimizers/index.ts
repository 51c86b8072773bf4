import { unknownName } from '../../core/nearest.ts'
import { adam } from './adam.ts'
import type { Optimizer } from './define.ts'
import { sgd } from './sgd.ts'

const optimizers = { adam, sgd } as const

/** The name of an optimiser. */
export type OptimizerKind = keyof typeof optimizers

/**
 * Rebuilds an optimiser from its config.
 *
 * @throws OpsinError `NAME` for a kind that does not exist, `VALUE` for rates outside their range.
 * @example
 * import { optimizerFrom } from 'opsin'
 * const optimizer = optimizerFrom({ kind: 'sgd', lr: 0.1, momentum: 0.9 })
 */
export function optimizerFrom({ kind, ...options }: Optimizer['config']): Optimizer {
  if (!Object.hasOwn(optimizers, kind)) {
    throw unknownName('optimizer.kind', 'an optimiser', kind, Object.keys(optimizers))
  }
  return optimizers[kind as OptimizerKind](options as { lr: number })
}
