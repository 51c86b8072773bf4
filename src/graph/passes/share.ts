import { canonicalJson } from '../../core/canonical.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'

/**
 * Computes equal expressions once: nodes with the same op, inputs and attributes become one. It makes a second pass
 * over the same batch cost only what differs from the first.
 */
export function share(graph: Graph): Graph {
  const known = new Map<string, NodeId>()
  return rewrite(graph, (node, builder, to, old) => {
    if (node.kind === 'input') return keep(node, builder, to, old)
    const key = `${node.op}(${node.inputs.map(to).join(',')})${canonicalJson(node.attrs)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const id = keep(node, builder, to, old)
    known.set(key, id)
    return id
  })
}
