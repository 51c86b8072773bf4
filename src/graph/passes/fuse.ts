import type { Graph } from '../node.ts'
import { takeOffers } from './offers.ts'
import type { Reads } from './reads.ts'

/** Replaces a node and what it reads by one op with a kernel of its own, where nothing essential is read inside. */
export function fuse(graph: Graph, reads: Reads): Graph {
  return takeOffers(graph, 'fuse', reads)
}
