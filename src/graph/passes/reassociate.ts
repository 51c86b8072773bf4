import type { Graph } from '../node.ts'
import type { Heard } from './heard.ts'
import { takeOffers } from './offers.ts'
import { countReaders, whoCounts } from './readers.ts'

/**
 * Multiplies a product of matrices in the order that costs least: P (X W) = (P X) W. One query that mixes many values
 * mixes what they are projected from, and projects once. Not where somebody else needs the inner product, or listens to
 * its gradient; who only listens to its values gets it beside.
 */
export function reassociate(graph: Graph, heard: Heard): Graph {
  const readers = countReaders(graph, whoCounts(heard))
  return takeOffers(
    graph,
    (op) => op.reassociate,
    heard,
    (id) => readers[id] === 1,
  )
}
