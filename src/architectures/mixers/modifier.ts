import type { NodeId } from '../../graph/node.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** The values of attention that can be modified on their way: [batch, pos, head, d_head] each. */
export type HeadValue = 'q' | 'k' | 'v' | 'z'

/** How many heads each has, and how wide one is. */
export type HeadSizes = Readonly<Record<HeadValue, { readonly heads: number; readonly dHead: number }>>

/** A change of attention's queries, keys, values or mixed values. */
export interface Modifier<Points extends PointTable = PointTable> extends Part<Points, HeadSizes> {
  readonly modifies: readonly HeadValue[]
  /** The value in place of the old one, of the same shape. */
  emit(place: Place, name: HeadValue, value: NodeId): NodeId
}

/**
 * Defines a kind of modifier: what changes queries, keys, values or mixed values of attention on their way.
 *
 * @example
 * import { attention } from 'opsin'
 * import { defineModifier, type HeadSizes, points } from 'opsin/extend'
 * const doubled = defineModifier('me/doubled', {}, () => ({
 *   modifies: ['q'],
 *   points: ({ q }: HeadSizes) => ({ 'attn.twice_q': points.perHead(q.heads, q.dHead) }),
 *   parameters: () => [],
 *   emit: (place, _, value) => place.point('attn.twice_q', place.op('add', [value, value])),
 * }))
 * const mixer = attention({ heads: 2, with: [doubled()] })
 * console.assert('attn.twice_q' in mixer.points(8))
 */
export const defineModifier = definerOf<Modifier>()
