import type { NativeBackend } from '../../src/backends/backend.ts'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import type { NumberArray } from '../../src/core/dtype.ts'
import { pointOf } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'

/** Runs a graph once on values by input name; gives a reader of its points. */
export function runGraph(
  graph: Graph,
  values: Readonly<Record<string, ArrayLike<number>>>,
  backend: NativeBackend = referenceBackend('f64'),
): (point: string) => NumberArray {
  const program = backend.load(graph)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'input' && values[node.name] !== undefined) program.view(id).set(values[node.name])
  })
  program.run()
  return (point) => program.view(pointOf(graph, point)).slice()
}
