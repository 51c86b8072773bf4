import type { FuseNode, Replacement } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'

/**
 * Replaces a node by the cheaper equal that its op offers, where nothing listens inside: a value behind a point in
 * `listened` is never fused away. What fusing leaves without a reader is for `prune` to drop.
 */
export function fuse(graph: Graph, listened: readonly string[]): Graph {
  const heard = new Set(listened.map((name) => graph.points[name]))
  const look = (id: NodeId): FuseNode<any> | undefined => {
    const node = graph.nodes[id]
    return node.kind === 'op' && !heard.has(id) ? node : undefined
  }
  const shapeOf = (id: NodeId) => graph.nodes[id].shape
  return rewrite(graph, (node, builder, to, id) => {
    const replacement = node.kind === 'op' ? opNamed(node.op).fuse?.(node, { look, shapeOf }) : undefined
    return replacement === undefined ? keep(node, builder, to, id) : emit(replacement, builder, to)
  })
}

/** Emits a replacement; `to` turns the ids it names into those of the graph under construction. */
export function emit({ op, inputs, attrs }: Replacement, builder: GraphBuilder, to: (id: NodeId) => NodeId): NodeId {
  const ids = inputs.map((input) => (typeof input === 'number' ? to(input) : emit(input, builder, to)))
  return builder.op(op, ids, attrs)
}
