import type { FuseNode, Replacement } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { ancestors, keep, rewrite } from '../rewrite.ts'

/**
 * Replaces a node by the cheaper equal that its op offers, where nothing listens inside: a value behind a point in
 * `listened` is never fused away. Nor is the way back from the loss to a value in `gradients`, even if nothing but zeros
 * comes along it: what someone makes of that gradient goes on from there. What fusing leaves without a reader is for
 * `prune` to drop.
 */
export function fuse(graph: Graph, listened: readonly string[], gradients: readonly string[] = []): Graph {
  const heard = new Set(listened.map((name) => graph.points[name]))
  const look = (id: NodeId): FuseNode<any> | undefined => {
    const node = graph.nodes[id]
    return node.kind === 'op' && !heard.has(id) ? node : undefined
  }
  const shapeOf = (id: NodeId) => graph.nodes[id].shape
  const sought = gradients.map((name) => graph.points[name])
  const cuts = (node: OpNode, replacement: Replacement) => {
    if (sought.length === 0) return false
    const [before, after] = [node.inputs, leavesOf(replacement)].map((roots) => ancestors(graph, roots))
    return sought.some((id) => before.has(id) && !after.has(id))
  }
  return rewrite(graph, (node, builder, to, id) => {
    const replacement = node.kind === 'op' ? opNamed(node.op).fuse?.(node, { look, shapeOf }) : undefined
    if (replacement === undefined || cuts(node as OpNode, replacement)) return keep(node, builder, to, id)
    return emit(replacement, builder, to)
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
