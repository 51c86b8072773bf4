import type { FuseRule, FuseView, OpDef, Replacement } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'

/** Replaces nodes by the cheaper equals that their ops offer. What that leaves without a reader is for `prune` to drop. */
export function takeOffers(
  graph: Graph,
  ruleOf: (op: OpDef) => FuseRule<any> | undefined,
  look: FuseView['look'],
): Graph {
  const shapeOf = (id: NodeId) => graph.nodes[id].shape
  return rewrite(graph, (node, builder, to, id) => {
    const offer = node.kind === 'op' ? ruleOf(opNamed(node.op))?.(node, { look, shapeOf }) : undefined
    return offer === undefined ? keep(node, builder, to, id) : emit(offer, builder, to)
  })
}

/** Emits a replacement; `to` turns the ids it names into those of the graph under construction. */
export function emit({ op, inputs, attrs }: Replacement, builder: GraphBuilder, to: (id: NodeId) => NodeId): NodeId {
  const ids = inputs.map((input) => (typeof input === 'number' ? to(input) : emit(input, builder, to)))
  return builder.op(op, ids, attrs)
}
