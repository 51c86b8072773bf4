import type { NodeId } from '../../graph/node.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** An encoding of positions, joined to the embedding. (Rotary positions are a modifier of attention.) */
export interface PositionCode<Points extends PointTable = PointTable> extends Part<Points> {
  /** d_model after positions have been joined to an embedding this wide. */
  width(width: number): number
  /** The embedding, [batch, pos, d_model], with positions. */
  emit(place: Place, x: NodeId): NodeId
}

/**
 * Defines a kind of positions that are joined to the embedding.
 *
 * @example
 * import { definePositions } from 'opsin/extend'
 * const none = definePositions('me/none', {}, () => ({
 *   points: () => ({}),
 *   parameters: () => [],
 *   width: (width) => width,
 *   emit: (_, x) => x,
 * }))
 * console.assert(none().width(8) === 8)
 */
export const definePositions = definerOf<PositionCode>()
