import type { NodeId } from '../../graph/node.ts'
import type { Inputs } from '../inputs/input.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** Where a read-out stands. */
export interface ReadoutPlace {
  /** d_model of what it reads. */
  readonly width: number
  readonly inputs: Inputs
}

/** A layer that turns the residual stream into predictions. */
export interface Readout extends Part<PointTable, ReadoutPlace> {
  /** Which positions it reads. */
  readonly at: 'last' | 'all'
  /** The number of predictions for each. @throws OpsinError `VALUE` where it was not given. */
  outputs(at: ReadoutPlace): number
  /** x [batch, pos, d_model] → logits [batch, pos, outputs]. */
  emit(place: Place, x: NodeId, at: ReadoutPlace): NodeId
}

/**
 * Defines a kind of read-out: what turns the residual stream into predictions.
 *
 * @example
 * import { defineReadout } from 'opsin/extend'
 * const doubled = defineReadout('me/doubled', {}, () => ({
 *   at: 'last',
 *   outputs: ({ width }: { width: number }) => width,
 *   points: () => ({}),
 *   parameters: () => [],
 *   emit: (place, x) => place.op('add', [x, x]),
 * }))
 * console.assert(doubled().at === 'last')
 */
export const defineReadout = definerOf<Readout>()
