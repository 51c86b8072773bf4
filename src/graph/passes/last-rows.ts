import type { Rows } from '../../ops/define.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { keep, rewrite, settle } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { countReaders, whoCounts } from './readers.ts'
import { readFor } from './rows.ts'
import { share } from './share.ts'
import { simplify } from './simplify.ts'

/**
 * Computes only the rows that are read: moves a selection (the last position, for the loss) up through what is row-wise
 * along its axis, as long as nothing else reads the other rows. In the last layer that leaves one query per sequence.
 *
 * A selection made for someone who does not count ({@link whoCounts}) waits below what the loss still needs whole: should
 * the loss turn out to need the same rows, theirs are one; should it need none of it, the selection moves on by itself.
 */
export function lastRows(graph: Graph, heard: Heard): Graph {
  // Equal selections become one, so that several readers of the same rows are one reader. And what is left of an op
  // on few rows may be cheaper: an overwrite of nothing but overwritten rows is its source.
  return settle(graph, (current) => simplify(share(moveUp(share(current, heard), heard), heard), heard))
}

/** Moves every selection that can move up by one op. */
function moveUp(graph: Graph, heard: Heard): Graph {
  const [counting, all] = [whoCounts(heard), heard.values].map((roots) => countReaders(graph, roots))
  const alone = (id: NodeId, from: NodeId) => {
    const readers = counting[from] > 0 ? counting : all
    return readers[from] === 1 && readers[id] > 0
  }
  return rewrite(graph, (node, builder, to, id) => {
    const rows = node.kind === 'op' ? node.definition.selects?.(node.attrs) : undefined
    const moved =
      node.kind === 'op' && rows ? raise({ graph, alone, builder, to }, node, rows, id, node.inputs[0]) : undefined
    return moved ?? keep(node, builder, to, id)
  })
}

interface Move {
  readonly graph: Graph
  /** Whether nobody else reads what this node reads. */
  readonly alone: (id: NodeId, from: NodeId) => boolean
  readonly builder: GraphBuilder
  readonly to: (id: NodeId) => NodeId
}

/** The op on selected rows of its inputs, in place of the rows that node `id` selects of the op at `from`. */
function raise(move: Move, selection: OpNode, rows: Rows, id: NodeId, from: NodeId): NodeId | undefined {
  const { graph, alone, builder, to } = move
  const source = graph.nodes[from]
  const narrows = rows.indices.length < source.shape[rows.axis]
  if (source.kind !== 'op' || !narrows || !alone(id, from)) return undefined
  const op = source.definition
  const shapes = source.inputs.map((input) => graph.nodes[input].shape)
  const read = readFor(op, { attrs: source.attrs, inputs: shapes, shape: source.shape }, rows)
  const inputs = read?.inputs.map((own, i) => {
    const input = source.inputs[i]
    if (own === null) return to(input)
    // Selections along two axes would change places for ever: one passes another only together with what that one reads.
    if (op.selects) return raise(move, selection, own, from, input)
    return builder.op(selection.definition, [to(input)], { ...selection.attrs, ...own })
  })
  if (read === undefined || inputs?.some((input) => input === undefined)) return undefined
  return builder.op(source.definition, inputs as NodeId[], read.attrs)
}
