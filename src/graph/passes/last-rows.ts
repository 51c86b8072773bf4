import type { KernelCall } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { ancestors, keep, rewrite } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { share } from './share.ts'

/**
 * Computes only the rows that are read: moves a selection (the last position, for the loss) up through what is row-wise
 * along its axis, as long as nothing else reads the other rows. In the last layer that leaves one query per sequence.
 */
export function lastRows(graph: Graph, heard: Heard): Graph {
  let current = graph
  for (;;) {
    // Equal selections become one, so that several readers of the same rows are one reader.
    const next = share(moveUp(share(current, heard), heard.values), heard)
    if (JSON.stringify(next.nodes) === JSON.stringify(current.nodes)) return next
    current = next
  }
}

/** Moves every selection that can move up by one op. */
function moveUp(graph: Graph, listened: readonly string[]): Graph {
  const readers = countReaders(graph, listened)
  return rewrite(graph, (node, builder, to, id) => {
    const selection = node.kind === 'op' ? opNamed(node.op).selects?.(node.attrs) : undefined
    if (node.kind === 'op' && selection !== undefined) {
      const [from] = node.inputs
      const source = graph.nodes[from]
      const narrows = selection.indices.length < source.shape[selection.axis]
      // Selections along two axes would change places for ever.
      const passable = source.kind === 'op' && opNamed(source.op).selects === undefined
      const moved =
        narrows && passable && readers[from] === 1 ? select(graph, node, source, selection, builder, to) : undefined
      if (moved !== undefined) return moved
    }
    return keep(node, builder, to, id)
  })
}

/** Per node: how many live nodes read it, and how many listeners. */
function countReaders(graph: Graph, listened: readonly string[]): number[] {
  const roots = listened.map((name) => graph.points[name])
  const live = ancestors(graph, roots)
  const readers = new Array<number>(graph.nodes.length).fill(0)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'op' && live.has(id)) for (const input of node.inputs) readers[input]++
  })
  for (const root of roots) readers[root]++
  return readers
}

/** The op on selected rows of its inputs, in place of the selected rows of the op. */
function select(
  graph: Graph,
  node: OpNode,
  source: OpNode,
  { axis, indices }: { readonly axis: number; readonly indices: readonly number[] },
  builder: GraphBuilder,
  to: (id: NodeId) => NodeId,
): NodeId | undefined {
  const op = opNamed(source.op)
  const call: KernelCall<any> = {
    attrs: source.attrs,
    inputs: source.inputs.map((input) => graph.nodes[input].shape),
    shape: source.shape,
  }
  const rowwise = op.rowwise(call)[axis]
  const rows = rowwise
    ? { attrs: op.resize?.(source.attrs, axis, indices.length) ?? source.attrs, inputs: rowwise }
    : op.takeRows?.(call, axis, indices)
  if (rows === undefined || source.inputs.length === 0) return undefined
  const inputs = source.inputs.map((input, i) => {
    const along = rows.inputs[i]
    return along === null ? to(input) : builder.op(node.op, [to(input)], { ...node.attrs, axis: along })
  })
  return builder.op(source.op, inputs, rows.attrs)
}
