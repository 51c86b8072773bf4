import type { NodeId } from '../../graph/node.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** A layer that moves information between tokens. */
export interface Mixer<Points extends PointTable = PointTable> extends Part<Points> {
  /** d_model of what it gives, where values that come in are this wide. */
  width(width: number): number
  /** [batch, pos, d_model] → [batch, pos, the width above]. */
  emit(place: Place, x: NodeId): NodeId
}

/**
 * Defines a kind of mixer: what moves information between tokens.
 *
 * @example
 * import { defineMixer, points } from 'opsin/extend'
 * const lookBack = defineMixer('me/look-back', {}, () => ({
 *   points: (width) => ({ 'back.out': points.perToken(width) }),
 *   parameters: () => [],
 *   width: (width) => width,
 *   emit: (place, x) => place.point('back.out', place.op('shift', [x], { axis: 1, by: 1 })),
 * }))
 * console.assert('back.out' in lookBack().points(8))
 */
export const defineMixer = definerOf<Mixer>()
