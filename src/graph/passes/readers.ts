import type { Graph } from '../node.ts'
import { ancestors } from '../rewrite.ts'
import type { Heard } from './heard.ts'

/**
 * Who has a say in how things are computed. Where there is a loss, those who only listen to values have none: what they
 * ask for and nobody else needs is computed beside, forward and not backward, and training is the same to the bit whether
 * someone listens or not.
 */
export function whoCounts({ values, gradients }: Heard): readonly string[] {
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
