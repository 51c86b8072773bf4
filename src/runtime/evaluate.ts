import type { NumberArray } from '../core/dtype.ts'
import { internal } from '../core/errors.ts'
import { sizeOf } from '../core/shape.ts'
import type { Graph } from '../graph/node.ts'

/**
 * The value of every node of a small graph, by the ops' own definitions, in double precision.
 *
 * @param values of the inputs, by name; the others know their own.
 */
export function evaluate(graph: Graph, values: ReadonlyMap<string, NumberArray>): NumberArray[] {
  const computed: NumberArray[] = []
  for (const node of graph.nodes) {
    if (node.kind === 'input') {
      const own = values.get(node.name) ?? node.feed?.(0)
      if (own === undefined) throw internal('gates', `values for ${node.name}`, 'none')
      computed.push(own as NumberArray)
      continue
    }
    const length = sizeOf(node.shape)
    const out = node.dtype === 'int' ? new Int32Array(length) : new Float64Array(length)
    const inputs = node.inputs.map((id) => computed[id])
    const shapes = node.inputs.map((id) => graph.nodes[id].shape)
    node.definition.forward(out, inputs, { attrs: node.attrs, inputs: shapes, shape: node.shape })
    computed.push(out)
  }
  return computed
}
