import { requireSameWidth } from '../widths.ts'
import { defineResidual } from './residual.ts'

/**
 * x + f(x): what almost every transformer does [He et al. 2016].
 * @example
 * import { addResidual } from 'opsin'
 * const residual = addResidual()
 */
export const addResidual = defineResidual('add', {
  width: (width, added) => requireSameWidth('the residual "add"', width, added),
  join: (place, x, out) => place.op('add', [x, out]),
})
