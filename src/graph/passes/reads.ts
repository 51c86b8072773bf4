import type { Graph } from '../node.ts'
import { ancestors } from '../rewrite.ts'

/** The points of a graph that are read, besides its updates. No pass removes them. */
export interface Reads {
  /** Points whose values are read. */
  readonly values: readonly string[]
  /** Those of them whose gradient is read too: every path from the value to the loss must pass through this node. */
  readonly gradients: readonly string[]
}

/**
 * The reads that decide how things are computed. Where there is a loss, these are the loss and the values whose gradient is
 * read. Any other value, where nothing essential needs it, is computed beside, forward and not backward, so that training
 * is the same to the bit whether someone observes it or not.
 */
export function essential({ values, gradients }: Reads): readonly string[] {
  return values.includes('loss') ? ['loss', ...gradients] : values
}

/** Per node: how many nodes read it of those that the named points need, and whether it is one of them. */
export function countReaders(graph: Graph, names: readonly string[]): number[] {
  const roots = names.map((name) => graph.points[name])
  const live = ancestors(graph, roots)
  const readers = new Array<number>(graph.nodes.length).fill(0)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'op' && live.has(id)) for (const input of node.inputs) readers[input]++
  })
  for (const root of roots) readers[root]++
  return readers
}

/** The nodes of points. */
export function nodesOf(graph: Graph, names: readonly string[]): Set<number> {
  return new Set(names.map((name) => graph.points[name]))
}
