import { defineResidual } from './residual.ts'

/**
 * (x, f(x)) one after the other, so that nothing is written over: the stream grows [Nichani, Damian and Lee 2024].
 * @example
 * import { concatResidual } from 'opsin'
 * const residual = concatResidual()
 */
export const concatResidual = defineResidual('concat', {
  width: (width, added) => width + added,
  join: (place, x, out) => place.op('concat', [x, out]),
})
