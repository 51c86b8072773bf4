import type { Backend } from '../../src/backends/backend.ts'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import type { NumberArray } from '../../src/core/dtype.ts'
import { pointOf } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'

/** Runs a graph once on values by input name; gives a reader of its points. */
export function runGraph(
  graph: Graph,
  values: Readonly<Record<string, ArrayLike<number>>>,
  backend: Backend = referenceBackend('f64'),
): (point: string) => NumberArray {
  const program = backend.load(graph)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'input' && values[node.name] !== undefined) program.view(id).set(values[node.name])
  })
  program.run()
  return (point) => program.view(pointOf(graph, point)).slice()
}

/** How many nodes of each op a graph has, where that differs between two graphs: `{ 'head-result': [2, 0] }`. */
export function opCounts(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const node of graph.nodes) if (node.kind === 'op') counts[node.op] = (counts[node.op] ?? 0) + 1
  return counts
}
