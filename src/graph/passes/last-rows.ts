import type { Rows } from '../../ops/define.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { keep, rewrite, settle } from '../rewrite.ts'
import { takeUp } from './move.ts'
import { countReaders, essential, type Reads } from './reads.ts'
import { share } from './share.ts'
import { simplify } from './simplify.ts'

/**
 * Computes only the rows that are read: moves a selection (the last position, for the loss) up through what is row-wise
 * along its axis, as long as nothing else reads the other rows. In the last layer that leaves one query per sequence.
 *
 * A selection that nothing {@link essential} reads waits below what is essential whole: should the loss turn out to need
 * the same rows, the two are one; should it need none of it, the selection moves on by itself.
 */
export function lastRows(graph: Graph, reads: Reads): Graph {
  // Equal selections become one, so that several readers of the same rows are one reader. And what is left of an op
  // on few rows may be cheaper: an overwrite of nothing but overwritten rows is its source.
  return settle(graph, (current) => simplify(share(moveUp(share(current, reads), reads), reads), reads))
}

/** Moves every selection that can move up by one op. */
function moveUp(graph: Graph, reads: Reads): Graph {
  const [essentials, all] = [essential(reads), reads.values].map((roots) => countReaders(graph, roots))
  const isOnlyReader = (id: NodeId, from: NodeId) => {
    const readers = essentials[from] > 0 ? essentials : all
    return readers[from] === 1 && readers[id] > 0
  }
  return rewrite(graph, (node, builder, to, id) => {
    const moves = node.kind === 'op' ? node.definition.moves : undefined
    const moved =
      node.kind === 'op' && moves?.kind === 'take'
        ? raise({ graph, isOnlyReader, builder, to }, node, moves.rows(node.attrs), id, node.inputs[0])
        : undefined
    return moved ?? keep(node, builder, to, id)
  })
}

interface Move {
  readonly graph: Graph
  /** Whether `id` is the only reader of `from`. */
  readonly isOnlyReader: (id: NodeId, from: NodeId) => boolean
  readonly builder: GraphBuilder
  readonly to: (id: NodeId) => NodeId
}

/** The op on selected rows of its inputs, in place of the rows that node `id` selects of the op at `from`. */
function raise(move: Move, selection: OpNode, rows: Rows, id: NodeId, from: NodeId): NodeId | undefined {
  const { graph, isOnlyReader, builder, to } = move
  const source = graph.nodes[from]
  const narrows = rows.indices.length < source.shape[rows.axis]
  if (source.kind !== 'op' || !narrows || !isOnlyReader(id, from)) return undefined
  const op = source.definition
  const shapes = source.inputs.map((input) => graph.nodes[input].shape)
  const part = takeUp(op, { attrs: source.attrs, inputs: shapes, shape: source.shape }, rows)
  const inputs = part?.inputs.map((own, i) => {
    const input = source.inputs[i]
    if (own === null) return to(input)
    // Selections along two axes would change places for ever: one passes another only together with what that one reads.
    if (op.moves?.kind === 'take') return raise(move, selection, own, from, input)
    return builder.op(selection.definition, [to(input)], { ...selection.attrs, ...own })
  })
  if (part === undefined || inputs?.some((input) => input === undefined)) return undefined
  return builder.op(op, inputs as NodeId[], part.attrs)
}
