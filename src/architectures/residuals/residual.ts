import type { NodeId } from '../../graph/node.ts'
import { definerOf, type Part, type Place } from '../part.ts'

/** How what a mixer or an MLP gives is joined to the residual stream. */
export interface Residual extends Part {
  /** d_model after a value this wide has been joined. */
  width(width: number, added: number): number
  /** x [batch, pos, width], out [batch, pos, added] → [batch, pos, the width above]. */
  join(place: Place, x: NodeId, out: NodeId): NodeId
}

const define = definerOf<Residual>()

/**
 * Defines a kind of residual, which has neither hook points nor parameters.
 *
 * @example
 * import { defineResidual } from 'opsin/extend'
 * const twice = defineResidual('me/twice', {
 *   width: (width) => width,
 *   join: (place, x, out) => place.op('add', [place.op('add', [x, out]), out]),
 * })
 * console.assert(twice().width(8, 8) === 8)
 */
export function defineResidual(kind: string, { width, join }: Pick<Residual, 'width' | 'join'>) {
  return define(kind, {}, () => ({ points: () => ({}), parameters: () => [], width, join }))
}
