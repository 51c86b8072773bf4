import type { Graph } from '../node.ts'
import { takeOffers } from './offers.ts'
import type { Reads } from './reads.ts'

/** Replaces a node and its inputs by one op with a kernel of its own, where no essential value is read inside. */
export function fuse(graph: Graph, reads: Reads): Graph {
  return takeOffers(graph, 'fuse', reads)
}
