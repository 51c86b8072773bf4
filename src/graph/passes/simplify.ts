import type { Graph } from '../node.ts'
import { settle } from '../rewrite.ts'
import { takeOffers } from './offers.ts'
import type { Reads } from './reads.ts'

/** Replaces nodes by what is left of them, as long as there is something: no pass of its own, but a part of others. */
export function simplify(graph: Graph, reads: Reads): Graph {
  return settle(graph, (current) => takeOffers(current, 'simplify', reads))
}
