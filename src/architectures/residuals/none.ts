import { defineResidual } from './residual.ts'

/**
 * f(x) alone.
 * @example
 * import { noResidual } from 'opsin'
 * const residual = noResidual()
 */
export const noResidual = defineResidual('none', { width: (_, added) => added, join: (_place, _x, out) => out })
