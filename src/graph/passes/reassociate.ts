import type { Graph } from '../node.ts'
import { takeOffers } from './offers.ts'
import { countReaders, essential, type Reads } from './reads.ts'

/**
 * Multiplies a product of matrices in the order that costs least: P (X W) = (P X) W. One query that mixes many values
 * mixes what they are projected from, and projects once. Not where anything essential reads the inner product or its
 * gradient; if only its values are read, they are computed beside.
 */
export function reassociate(graph: Graph, reads: Reads): Graph {
  const readers = countReaders(graph, essential(reads))
  return takeOffers(graph, 'reassociate', reads, (id) => readers[id] === 1)
}
