import type { NodeId } from '../../graph/node.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** A normalisation before a mixer, an MLP or a read-out. */
export interface Norm<Points extends PointTable = PointTable> extends Part<Points> {
  /** [batch, pos, d_model] → the same shape. */
  emit(place: Place, x: NodeId): NodeId
}

/**
 * Defines a kind of norm.
 *
 * @example
 * import { defineNorm } from 'opsin/extend'
 * const plain = defineNorm('me/plain', {}, () => ({ points: () => ({}), parameters: () => [], emit: (_, x) => x }))
 * console.assert(plain().kind === 'me/plain')
 */
export const defineNorm = definerOf<Norm>()
