import type { Graph } from '../node.ts'
import { takeOffers } from './offers.ts'

/**
 * Replaces a node and what it reads by something cheaper, where nothing that counts listens inside: what is behind a
 * point in `listened` is never fused away, nor the way back to a value whose gradient is heard. What was put in may fuse
 * in turn.
 */
export function fuse(graph: Graph, listened: readonly string[], gradients: readonly string[] = []): Graph {
  let current = graph
  for (;;) {
    const next = fuseOnce(current, listened, gradients)
    if (JSON.stringify(next.nodes) === JSON.stringify(current.nodes)) return next
    current = next
  }
}

function fuseOnce(graph: Graph, listened: readonly string[], gradients: readonly string[]): Graph {
  const heard = new Set(listened.map((name) => graph.points[name]))
  return takeOffers(
    graph,
    (op) => op.fuse,
    (id) => {
      const node = graph.nodes[id]
      return node.kind === 'op' && !heard.has(id) ? node : undefined
    },
    gradients,
  )
}
