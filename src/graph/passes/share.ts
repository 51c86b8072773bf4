import { canonicalJson } from '../../core/canonical.ts'
import type { OpDef } from '../../ops/define.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import { nodesOf, type Reads } from './reads.ts'

/**
 * Computes equal expressions once: nodes with the same op, inputs and attributes become one. So a replica
 * costs only the nodes that differ from the main network's. Where a gradient is read the node stays apart: two values in
 * one node would have one gradient, the sum of theirs.
 */
export function share(graph: Graph, reads?: Pick<Reads, 'gradients'>): Graph {
  const known = new Map<string, NodeId>()
  const ops = new Map<OpDef, number>()
  const apart = nodesOf(graph, reads?.gradients ?? [])
  return rewrite(graph, (node, builder, to, old) => {
    if (node.kind === 'input' || apart.has(old)) return keep(node, builder, to, old)
    if (!ops.has(node.definition)) ops.set(node.definition, ops.size)
    const key = `${ops.get(node.definition)}(${node.inputs.map(to).join(',')})${canonicalJson(node.attrs)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const id = keep(node, builder, to, old)
    known.set(key, id)
    return id
  })
}
