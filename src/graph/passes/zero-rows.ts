import type { OpDef, Rows } from '../../ops/define.ts'
import { take } from '../../ops/take.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import { putDown } from './move.ts'
import { nodesOf, type Reads } from './reads.ts'
import { simplify } from './simplify.ts'

/**
 * Leaves out rows that are known to be zero, as those of ablated heads are. A node that puts rows among zeros moves down
 * past what is linear and row-wise, and is gone where rows are multiplied and summed over, as the output projection does
 * with heads. What else is read there (a pattern, a weight) is read in the other rows alone, and `last-rows` then computes
 * only these.
 *
 * Every point keeps its value. But what no longer reads the zeros has no gradient for them, so where the gradient of a
 * value is read nothing is moved past it.
 */
export function zeroRows(original: Graph, reads: Reads): Graph {
  const graph = simplify(original, reads)
  const withGradient = nodesOf(graph, reads.gradients)
  const fixed = new Set<NodeId>()
  return rewrite(graph, (node, builder, to, id) => {
    if (node.kind === 'input') return keep(node, builder, to, id)
    const own = emit({ builder, fixed }, node.definition, node.inputs.map(to), node.attrs)
    if (withGradient.has(id)) fixed.add(own)
    return own
  })
}

interface Target {
  readonly builder: GraphBuilder
  /** Nodes that nothing is moved past. */
  readonly fixed: ReadonlySet<NodeId>
}

/** Emits an op; the first of its inputs with zeros that it can do without is read without them. */
function emit(target: Target, op: OpDef, inputs: readonly NodeId[], attrs: object): NodeId {
  const { builder } = target
  for (const [i, id] of inputs.entries()) {
    const zeros = putAt(target, id)
    if (zeros === undefined) continue
    const types = inputs.map((input) => builder.node(input))
    const call = { attrs, inputs: types.map(({ shape }) => shape), shape: op.infer(types, attrs).shape }
    const part = putDown(op, call, i, zeros.rows)
    if (part === undefined) continue
    const read = part.inputs.map((rows, j) => {
      if (j === i) return zeros.from
      return rows === null ? inputs[j] : emit(target, take, [inputs[j]], rows)
    })
    const below = emit(target, op, read, part.attrs)
    return part.put ? builder.op('put', [below], part.put) : below
  }
  return builder.op(op, inputs, attrs)
}

/** Which rows a node puts among zeros, and the node that holds them. */
function putAt({ builder, fixed }: Target, id: NodeId): { rows: Rows; from: NodeId } | undefined {
  const node = builder.node(id)
  if (node.kind === 'input' || fixed.has(id)) return undefined
  const { moves } = node.definition
  return moves?.kind === 'put' ? { rows: moves.rows(node.attrs), from: node.inputs[0] } : undefined
}
