import type { KernelCall } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { countReaders, whoCounts } from './readers.ts'
import { share } from './share.ts'

/**
 * Computes only the rows that are read: moves a selection (the last position, for the loss) up through what is row-wise
 * along its axis, as long as nothing else reads the other rows. In the last layer that leaves one query per sequence.
 *
 * A selection made for someone who does not count ({@link whoCounts}) waits below what the loss still needs whole: should
 * the loss turn out to need the same rows, theirs are one; should it need none of it, the selection moves on by itself.
 */
export function lastRows(graph: Graph, heard: Heard): Graph {
  let current = graph
  for (;;) {
    // Equal selections become one, so that several readers of the same rows are one reader.
    const next = share(moveUp(share(current, heard), heard), heard)
    if (JSON.stringify(next.nodes) === JSON.stringify(current.nodes)) return next
    current = next
  }
}

/** Moves every selection that can move up by one op. */
function moveUp(graph: Graph, heard: Heard): Graph {
  const [counting, all] = [whoCounts(heard), heard.values].map((roots) => countReaders(graph, roots))
  return rewrite(graph, (node, builder, to, id) => {
    const selection = node.kind === 'op' ? opNamed(node.op).selects?.(node.attrs) : undefined
    if (node.kind === 'op' && selection !== undefined) {
      const [from] = node.inputs
      const source = graph.nodes[from]
      const narrows = selection.indices.length < source.shape[selection.axis]
      // Selections along two axes would change places for ever.
      const passable = source.kind === 'op' && opNamed(source.op).selects === undefined
      const readers = counting[from] > 0 ? counting : all
      const alone = readers[from] === 1 && readers[id] > 0
      const moved = narrows && passable && alone ? select(graph, node, source, selection, builder, to) : undefined
      if (moved !== undefined) return moved
    }
    return keep(node, builder, to, id)
  })
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
