import { sameRows } from '../../core/blocks.ts'
import type { KernelCall, OpDef, Rows } from '../../ops/define.ts'
import { take } from '../../ops/take.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { type RowsRead, readFor } from './rows.ts'
import { simplify } from './simplify.ts'

/**
 * Leaves out rows that are known to be zero, as those of ablated heads are. A node that puts rows among zeros moves down
 * past what is linear and row-wise, op(put(x)) = put(op(x)), and is gone where rows are multiplied and summed over, as
 * the output projection does with heads. What else is read there (a pattern, a weight) is read in the other rows alone,
 * and `last-rows` then computes only these.
 *
 * Every point keeps its value. But what no longer reads the zeros has no gradient for them, so where the gradient of a
 * value is heard nothing is moved past it.
 */
export function zeroRows(original: Graph, heard: Heard): Graph {
  const graph = simplify(original, heard)
  const listened = new Set(heard.gradients.map((name) => graph.points[name]))
  const fixed = new Set<NodeId>()
  return rewrite(graph, (node, builder, to, id) => {
    if (node.kind === 'input') return keep(node, builder, to, id)
    const own = emit({ builder, fixed }, node.definition, node.inputs.map(to), node.attrs)
    if (listened.has(id)) fixed.add(own)
    return own
  })
}

interface Target {
  readonly builder: GraphBuilder
  /** What nothing is moved past. */
  readonly fixed: ReadonlySet<NodeId>
}

/** Emits an op; the first of its inputs with zeros that it can do without is read without them. */
function emit(target: Target, op: OpDef, inputs: readonly NodeId[], attrs: object): NodeId {
  const { builder } = target
  for (const [i, id] of inputs.entries()) {
    const put = putAt(target, id)
    if (put === undefined) continue
    const types = inputs.map((input) => builder.node(input))
    const call = { attrs, inputs: types.map(({ shape }) => shape), shape: op.infer(types, attrs).shape }
    const part = summedOver(op, call, i, put) ?? passedBy(op, call, i, put)
    if (part === undefined) continue
    const read = part.inputs.map((rows, j) => {
      if (j === i) return put.from
      return rows === null ? inputs[j] : emit(target, take, [inputs[j]], rows)
    })
    const below = emit(target, op, read, part.attrs)
    return part.put ? builder.op('put', [below], part.put) : below
  }
  return builder.op(op, inputs, attrs)
}

/** Rows put among zeros, and the node that holds them. */
interface Put extends Rows {
  readonly from: NodeId
}

function putAt({ builder, fixed }: Target, id: NodeId): Put | undefined {
  const node = builder.node(id)
  if (node.kind === 'input' || fixed.has(id)) return undefined
  const rows = node.definition.puts?.(node.attrs)
  return rows && { ...rows, from: node.inputs[0] }
}

interface Part extends RowsRead {
  /** Where the rows of the output stand among zeros; all there are if not given. */
  readonly put?: Rows & { readonly length: number }
}

/** All inputs at the rows of input `i` that are not zero, where the op sums over them. */
function summedOver(op: OpDef, call: KernelCall<any>, i: number, { axis, indices }: Rows): Part | undefined {
  const axes = op.contracts?.(call).find((contracted) => contracted[i] === axis)
  return axes && { attrs: call.attrs, inputs: axes.map((own) => (own === null ? null : { axis: own, indices })) }
}

/** The rows of the output that are not zero because those of input `i` are not. */
function passedBy(op: OpDef, call: KernelCall<any>, i: number, { axis, indices }: Rows): Part | undefined {
  if (!op.linearIn?.(call).includes(i)) return undefined
  for (const [own, length] of call.shape.entries()) {
    const rows = sameRows(indices, call.inputs[i][axis], length)
    const read = rows && readFor(op, call, { axis: own, indices: rows })
    if (rows && read?.inputs[i]?.axis === axis) return { ...read, put: { axis: own, indices: rows, length } }
  }
  return undefined
}
