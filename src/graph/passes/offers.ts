import type { OfferRule, OpDef, Replacement } from '../../ops/define.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { ancestors, keep, rewrite } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { whoCounts } from './readers.ts'

/**
 * Replaces nodes by the cheaper equals that their ops offer, where nothing that counts listens inside. The way back from
 * the loss to a value whose gradient is heard stays, even if nothing but zeros comes along it: what someone makes of that
 * gradient goes on from there. What an offer leaves without a reader is for `prune` to drop.
 *
 * @param open which nodes an op may look into; default all
 */
export function takeOffers(
  graph: Graph,
  ruleOf: (op: OpDef) => OfferRule<any, Replacement | NodeId> | undefined,
  heard: Heard,
  open: (id: NodeId) => boolean = () => true,
): Graph {
  const closed = new Set(whoCounts(heard).map((name) => graph.points[name]))
  const look = (id: NodeId) => {
    const node = graph.nodes[id]
    return node.kind === 'op' && !closed.has(id) && open(id) ? node : undefined
  }
  const shapeOf = (id: NodeId) => graph.nodes[id].shape
  const sought = heard.gradients.map((name) => graph.points[name])
  const cuts = (id: NodeId, node: OpNode, offer: Replacement | NodeId) => {
    // Two values in one node would have one gradient, the sum of theirs.
    if (typeof offer === 'number') return closed.has(id)
    if (sought.length === 0) return false
    const [before, after] = [node.inputs, leavesOf(offer)].map((roots) => ancestors(graph, roots))
    return sought.some((id) => before.has(id) && !after.has(id))
  }
  return rewrite(graph, (node, builder, to, id) => {
    const offer = node.kind === 'op' ? ruleOf(node.definition)?.(node, { look, shapeOf }) : undefined
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
