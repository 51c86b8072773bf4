import type { Graph } from '../node.ts'
import { settle } from '../rewrite.ts'
import { takeOffers } from './offers.ts'
import type { Reads } from './reads.ts'

/** Simplifies nodes until none changes: no pass of its own, but a part of others. */
export function simplify(graph: Graph, reads: Reads): Graph {
  return settle(graph, (current) => takeOffers(current, 'simplify', reads))
}
