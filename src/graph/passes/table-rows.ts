import type { KernelCall } from '../../ops/define.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import type { Heard } from './heard.ts'
import { emit } from './offers.ts'

/**
 * Does row-wise work on the rows of a table before they are looked up rather than on every look-up, where the table has
 * fewer rows than there are look-ups: op(table[ids]) = op(table)[ids]. A batch of 96 exemplars of 50 classes is embedded
 * 50 times, and what follows row by row (norms, queries, keys, values) is done once per row as well; rows that this batch
 * does not look up are zeros to those ops that skip such. Every value stays what it is; but what reads the table no
 * longer reads the looked-up value, so where that one's gradient is heard nothing is moved past it.
 */
export function tableRows(graph: Graph, { gradients }: Pick<Heard, 'gradients'>): Graph {
  const heard = new Set(gradients.map((name) => graph.points[name]))
  return rewrite(graph, (node, builder, to, id) => {
    if (node.kind === 'input' || node.inputs.some((input) => heard.has(input))) return keep(node, builder, to, id)
    const moved = { ...node, inputs: node.inputs.map(to) }
    return joinedLookup(moved, builder) ?? sunkLookup(moved, builder) ?? builder.copy(moved)
  })
}

/** Look-ups in several tables, joined by an op that knows how to be one look-up in one table. */
function joinedLookup(node: OpNode, builder: GraphBuilder): NodeId | undefined {
  const replacement = node.definition.asLookup?.(node, {
    look: (id) => lookupAt(builder, id),
    shapeOf: (id) => builder.node(id).shape,
  })
  if (replacement === undefined) return undefined
  const [table] = replacement.inputs.map((input) => (typeof input === 'number' ? input : emit(input, builder, same)))
  const worth = builder.node(table).shape[0] < rowCount(node.shape, 2)
  return worth ? emit(replacement, builder, same) : undefined
}

/** A row-wise op of look-ups by the same ids: the op on the tables, then one look-up. */
function sunkLookup(node: OpNode, builder: GraphBuilder): NodeId | undefined {
  const lookups = node.inputs.map((id) => lookupAt(builder, id))
  const first = lookups.find((lookup) => lookup !== undefined)
  if (first === undefined) return undefined
  const [table, ids] = first.inputs
  const idShape = builder.node(ids).shape
  const rows = builder.node(table).shape[0]
  const op = node.definition
  const call: KernelCall<any> = {
    attrs: node.attrs,
    inputs: node.inputs.map((input) => builder.node(input).shape),
    shape: node.shape,
  }
  const varying = varyingInputs(op.rowwise(call), idShape.length, call)
  if (op.looksUp || varying === undefined || rows >= rowCount(idShape, idShape.length)) return undefined
  if (!varying.some(Boolean) || varying.some((varies, i) => varies && lookups[i]?.inputs[1] !== ids)) return undefined

  // The op keeps its rank: the table stands in for the ids' axes as [1, …, 1, rows].
  const lead = [...new Array<number>(idShape.length - 1).fill(1), rows]
  const inputs = node.inputs.map((input, i) => {
    if (!varying[i]) return input
    const [whole] = (lookups[i] as OpNode).inputs
    const of = op.skipsZeroRows ? builder.op('keep-rows', [whole, ids]) : whole
    return reshape(builder, of, [...lead, ...builder.node(of).shape.slice(1)])
  })
  const attrs = lead.reduce((sized, length, axis) => op.resize?.(sized, axis, length) ?? sized, node.attrs)
  const onTable = builder.op(op, inputs, attrs)
  return builder.op(first.definition, [reshape(builder, onTable, [rows, ...node.shape.slice(idShape.length)]), ids])
}

/**
 * Which inputs vary along all of the leading axes and which along none; `undefined` where the op is not row-wise there
 * or an input is neither.
 */
function varyingInputs(
  rowwise: readonly (readonly (number | null)[] | null)[],
  axes: number,
  { inputs, shape }: KernelCall<unknown>,
): boolean[] | undefined {
  const leading = rowwise.slice(0, axes)
  if (leading.length < axes || leading.some((map) => map === null)) return undefined
  const varying = inputs.map((own, i) => leading.every((map, axis) => map?.[i] === axis && own[axis] === shape[axis]))
  const shared = inputs.map((_, i) => leading.every((map) => map?.[i] === null))
  return varying.every((varies, i) => varies || shared[i]) ? varying : undefined
}

function lookupAt(builder: GraphBuilder, id: NodeId): OpNode | undefined {
  const node = builder.node(id)
  return node.kind === 'op' && node.definition.looksUp ? node : undefined
}

function reshape(builder: GraphBuilder, id: NodeId, shape: readonly number[]): NodeId {
  return builder.op('reshape', [id], { shape })
}

function rowCount(shape: readonly number[], axes: number): number {
  return shape.slice(0, axes).reduce((product, n) => product * n, 1)
}

function same(id: NodeId): NodeId {
  return id
}
