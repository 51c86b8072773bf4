import type { KernelCall, OpDef } from '../../ops/define.ts'
import { axesOf } from '../axes.ts'
import type { GraphBuilder } from '../build.ts'
import type { Graph, NodeId, OpNode } from '../node.ts'
import { keep, rewrite } from '../rewrite.ts'
import { gatherDown } from './move.ts'
import { emit, offerOf } from './offers.ts'
import { nodesOf, type Reads } from './reads.ts'

/**
 * Does row-wise work on the rows of a table before they are looked up rather than on every look-up, where the table has
 * fewer rows than there are look-ups: op(table[ids]) = op(table)[ids]. A batch of 96 exemplars of 50 classes is embedded
 * 50 times, and what follows row by row (norms, queries, keys, values) is done once per row as well; rows that this batch
 * does not look up are zeros to products. Every value stays what it is; but what reads the table no longer reads the
 * looked-up value, so where that one's gradient is read nothing is moved past it.
 */
export function tableRows(graph: Graph, { gradients }: Pick<Reads, 'gradients'>): Graph {
  const withGradient = nodesOf(graph, gradients)
  return rewrite(graph, (node, builder, to, id) => {
    if (node.kind === 'input' || node.inputs.some((input) => withGradient.has(input))) {
      return keep(node, builder, to, id)
    }
    const moved = { ...node, inputs: node.inputs.map(to) }
    return joinedLookup(moved, builder) ?? sunkLookup(moved, builder) ?? builder.copy(moved)
  })
}

/** Look-ups in several tables, joined by an op that knows how to be one look-up in one table. */
function joinedLookup(node: OpNode, builder: GraphBuilder): NodeId | undefined {
  const offer = offerOf(node.definition, 'lookup', node, {
    look: (id) => lookupAt(builder, id),
    shapeOf: (id) => builder.node(id).shape,
  })
  if (offer === undefined || typeof offer === 'number') return undefined
  const [table] = offer.inputs.map((input) => (typeof input === 'number' ? input : emit(input, builder, same)))
  const worth = builder.node(table).shape[0] < rowCount(node.shape, 2)
  return worth ? emit(offer, builder, same) : undefined
}

/** A row-wise op of look-ups by the same ids: the op on the tables, then one look-up. */
function sunkLookup(node: OpNode, builder: GraphBuilder): NodeId | undefined {
  const lookups = node.inputs.map((id) => lookupAt(builder, id))
  const first = lookups.find((lookup) => lookup !== undefined)
  if (first === undefined || node.definition.moves?.kind === 'gather') return undefined
  const [table, ids] = first.inputs
  const idShape = builder.node(ids).shape
  const rows = builder.node(table).shape[0]
  if (rows >= rowCount(idShape, idShape.length)) return undefined

  const op = node.definition
  const call = { attrs: node.attrs, inputs: node.inputs.map((id) => builder.node(id).shape), shape: node.shape }
  // The op keeps its rank: the table stands in for the ids' axes as [1, …, 1, rows].
  const lead = [...new Array<number>(idShape.length - 1).fill(1), rows]
  const below = gatherDown(op, call, lead)
  if (!below?.holds.some(Boolean) || below.holds.some((holds, i) => holds && lookups[i]?.inputs[1] !== ids)) {
    return undefined
  }
  const inputs = node.inputs.map((input, i) => {
    if (!below.holds[i]) return input
    const [whole] = (lookups[i] as OpNode).inputs
    const of = skipsZeroRows(op, call, i) ? builder.op('keep-rows', [whole, ids]) : whole
    return reshape(builder, of, [...lead, ...builder.node(of).shape.slice(1)])
  })
  const onTable = reshape(builder, builder.op(op, inputs, below.attrs), [rows, ...node.shape.slice(idShape.length)])
  return builder.op(first.definition, [onTable, ids])
}

/**
 * Whether rows of zeros of an input cost next to nothing, so that it is worth zeroing those that nobody will look up: each
 * is multiplied and summed, and kernels of products leave such rows out. It is the one thing that passes assume of kernels.
 */
function skipsZeroRows(op: OpDef, call: KernelCall<any>, input: number): boolean {
  return axesOf(op, call).summed?.some((over) => over[input] !== null) ?? false
}

function lookupAt(builder: GraphBuilder, id: NodeId): OpNode | undefined {
  const node = builder.node(id)
  return node.kind === 'op' && node.definition.moves?.kind === 'gather' ? node : undefined
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
