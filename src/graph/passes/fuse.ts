import type { Graph } from '../node.ts'
import type { Heard } from './heard.ts'
import { takeOffers } from './offers.ts'

/** Replaces a node and what it reads by one op with a kernel of its own, where nothing that counts listens inside. */
export function fuse(graph: Graph, heard: Heard): Graph {
  return takeOffers(graph, (op) => op.fuse, heard)
}
