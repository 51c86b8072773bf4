import type { OfferNode, OfferView, OpDef, Ref, Replacement, Rewrite } from '../../ops/define.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { ancestors, keep, rewrite } from '../rewrite.ts'
import { essential, nodesOf, type Reads } from './reads.ts'

/** An op's replacement for one of its nodes: that of the first matching rewrite of one kind. */
export function offerOf(
  { rewrites = [] }: OpDef,
  kind: Rewrite<any>['kind'],
  node: OfferNode<any>,
  view: OfferView,
): Replacement | Ref | undefined {
  for (const rule of rewrites) {
    const offer = rule.kind === kind ? rule.offer(node, view) : undefined
    if (offer !== undefined) return offer
  }
  return undefined
}

/**
 * Replaces nodes by the cheaper equals that their ops offer, where nothing essential is read inside. Every path back from
 * the loss to a value whose gradient is read stays, even if only zeros come along it: an intervention on that gradient goes
 * on from there. What an offer leaves without a reader is for `prune` to drop.
 *
 * @param open which nodes an op may look into; default all
 */
export function takeOffers(
  graph: Graph,
  kind: Rewrite<any>['kind'],
  reads: Reads,
  open: (id: NodeId) => boolean = () => true,
): Graph {
  const fixed = nodesOf(graph, essential(reads))
  const look = (id: NodeId) => {
    const node = graph.nodes[id]
    return node.kind === 'op' && !fixed.has(id) && open(id) ? node : undefined
  }
  const view = { look, shapeOf: (id: NodeId) => graph.nodes[id].shape }
  const withGradient = [...nodesOf(graph, reads.gradients)]
  const cuts = (id: NodeId, node: OpNode, offer: Replacement | NodeId) => {
    // Two values in one node would have one gradient, the sum of theirs.
    if (typeof offer === 'number') return fixed.has(id)
    if (withGradient.length === 0) return false
    const [before, after] = [node.inputs, leavesOf(offer)].map((roots) => ancestors(graph, roots))
    return withGradient.some((id) => before.has(id) && !after.has(id))
  }
  return rewrite(graph, (node, builder, to, id) => {
    const offer = node.kind === 'op' ? offerOf(node.definition, kind, node, view) : undefined
    if (offer === undefined || cuts(id, node as OpNode, offer)) return keep(node, builder, to, id)
    return typeof offer === 'number' ? to(offer) : emit(offer, builder, to)
  })
}

function leavesOf({ inputs }: Replacement): NodeId[] {
  return inputs.flatMap((input) => (typeof input === 'number' ? [input] : leavesOf(input)))
}

/** Emits a replacement; `to` turns the ids it names into those of the graph under construction. */
export function emit({ op, inputs, attrs }: Replacement, builder: GraphBuilder, to: (id: NodeId) => NodeId): NodeId {
  const ids = inputs.map((input) => (typeof input === 'number' ? to(input) : emit(input, builder, to)))
  return builder.op(op, ids, attrs)
}
