import type { Rows } from '../../ops/define.ts'
import { opNamed } from '../../ops/registry.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { ancestors, keep, rewrite } from '../rewrite.ts'
import { fuse } from './fuse.ts'
import type { Heard } from './heard.ts'
import { readFor } from './rows.ts'
import { share } from './share.ts'

/**
 * Computes only the rows that are read: moves a selection (the last position, for the loss) up through what is row-wise
 * along its axis, as long as nothing else reads the other rows. In the last layer that leaves one query per sequence.
 *
 * Who only listens to values does not count where there is a loss: the rows that nobody else needs are then computed
 * beside, forward and not backward, and training is the same to the bit whether someone listens or not.
 */
export function lastRows(graph: Graph, heard: Heard): Graph {
  let current = graph
  for (;;) {
    // Equal selections become one, so that several readers of the same rows are one reader. And what is left of an op
    // on few rows may be cheaper: an overwrite of nothing but overwritten rows is its source.
    const next = fuse(share(moveUp(share(current, heard), whoCounts(heard)), heard), heard.values, heard.gradients)
    if (JSON.stringify(next.nodes) === JSON.stringify(current.nodes)) return next
    current = next
  }
}

function whoCounts({ values, gradients }: Heard): readonly string[] {
  return values.includes('loss') ? ['loss', ...gradients] : values
}

/** Moves every selection that can move up by one op. */
function moveUp(graph: Graph, roots: readonly string[]): Graph {
  const readers = countReaders(graph, roots)
  return rewrite(graph, (node, builder, to, id) => {
    const rows = node.kind === 'op' ? opNamed(node.op).selects?.(node.attrs) : undefined
    const moved =
      node.kind === 'op' && rows ? raise({ graph, readers, builder, to }, node, rows, node.inputs[0]) : undefined
    return moved ?? keep(node, builder, to, id)
  })
}

interface Move {
  readonly graph: Graph
  readonly readers: readonly number[]
  readonly builder: GraphBuilder
  readonly to: (id: NodeId) => NodeId
}

/** The op on selected rows of its inputs, in place of the selected rows of the op. */
function raise(move: Move, selection: OpNode, rows: Rows, from: NodeId): NodeId | undefined {
  const { graph, readers, builder, to } = move
  const source = graph.nodes[from]
  const narrows = rows.indices.length < source.shape[rows.axis]
  if (source.kind !== 'op' || !narrows || readers[from] !== 1) return undefined
  const op = opNamed(source.op)
  const shapes = source.inputs.map((input) => graph.nodes[input].shape)
  const read = readFor(op, { attrs: source.attrs, inputs: shapes, shape: source.shape }, rows)
  const inputs = read?.inputs.map((own, i) => {
    const input = source.inputs[i]
    if (own === null) return to(input)
    // Selections along two axes would change places for ever: one passes another only together with what that one reads.
    if (op.selects) return raise(move, selection, own, input)
    return builder.op(selection.op, [to(input)], { ...selection.attrs, ...own })
  })
  if (read === undefined || inputs?.some((id) => id === undefined)) return undefined
  return builder.op(source.op, inputs as NodeId[], read.attrs)
}

/** Per node: how many nodes read it of those that the roots need, and whether it is one. */
function countReaders(graph: Graph, names: readonly string[]): number[] {
  const roots = names.map((name) => graph.points[name])
  const live = ancestors(graph, roots)
  const readers = new Array<number>(graph.nodes.length).fill(0)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'op' && live.has(id)) for (const input of node.inputs) readers[input]++
  })
  for (const root of roots) readers[root]++
  return readers
}
