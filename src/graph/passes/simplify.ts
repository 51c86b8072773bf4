import type { Graph } from '../node.ts'
import { settle } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { takeOffers } from './offers.ts'

/** Replaces nodes by what is left of them, as long as there is something: no pass of its own, but a part of others. */
export function simplify(graph: Graph, heard: Heard): Graph {
  return settle(graph, (current) => takeOffers(current, (op) => op.simplify, heard))
}
