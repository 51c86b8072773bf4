import { OpsinError } from '../../core/errors.ts'
import { showShape, sizeOf } from '../../core/shape.ts'
import type { Graph, InputNode, NodeId, OpNode } from '../../graph/node.ts'
import { ancestors } from '../../graph/rewrite.ts'
import type { ValueType } from '../../ops/define.ts'
import { type Constant, Constants } from './constants.ts'
import { lowerNode } from './lower-node.ts'
import { Names } from './names.ts'
import {
  bytesOf,
  type Dims,
  type NodeMessage,
  type TensorMessage,
  tensorMessage,
  type ValueMessage,
  valueMessage,
} from './proto.ts'

/** The name of an input or output of a file, and its node in the graph. */
export interface Declared extends ValueType {
  readonly name: string
}

export interface LowerOptions {
  /** The outputs: the node of each, by name. */
  readonly outputs: Readonly<Record<string, NodeId>>
  /** Numbers of inputs that the file is to hold itself, by name; the other inputs that are read are the file's own inputs. */
  readonly initializers?: Readonly<Record<string, ArrayLike<number>>>
  /**
   * How an input or output is declared, where it differs from the graph: names for axes whose length each run chooses, `bool` for
   * a mask.
   */
  readonly declare?: (value: Declared) => { readonly dims?: Dims; readonly type?: 'bool' } | undefined
}

/** The nodes of the file that one node of the graph became. */
export interface LoweredOp {
  /** The node's place in the graph. */
  readonly id: NodeId
  readonly op: string
  readonly nodes: readonly NodeMessage[]
}

/** A graph in ONNX's terms, ready to be encoded. */
export interface LoweredGraph {
  /** In the order in which they are computed. */
  readonly ops: readonly LoweredOp[]
  /** What is computed before them. */
  readonly before: readonly NodeMessage[]
  /** What gives outputs their names that no op's value has: those that are an input, a constant, or have a name already. */
  readonly copies: readonly NodeMessage[]
  /** The inputs whose numbers the file holds. */
  readonly initializers: readonly TensorMessage[]
  /** Numbers that ops hold, by name. */
  readonly constants: ReadonlyMap<string, Constant>
  readonly inputs: readonly ValueMessage[]
  readonly outputs: readonly ValueMessage[]
  /** The graph's inputs that the file takes, in the file's order. */
  readonly takes: readonly InputNode[]
}

/**
 * A graph as an ONNX graph, each node as its op says (opset 17). Only what the outputs need is written; a value has the name of its
 * output, or else of its first point, or else of its op with its place in the graph.
 *
 * @throws OpsinError `NAME` for two inputs or outputs of one name.
 */
export function lowerGraph(graph: Graph, options: LowerOptions): LoweredGraph {
  const { outputs, initializers = {}, declare } = options
  const live = ancestors(graph, Object.values(outputs))
  const names = new Names()
  const constants = new Constants()
  const values = new Map<NodeId, string>()
  const inputs = graph.nodes.flatMap((node, id) => (node.kind === 'input' && live.has(id) ? [node] : []))
  for (const { name } of inputs) names.claim(name, 'an input')
  for (const name of Object.keys(outputs)) names.claim(name, 'an output')
  const called = callNodes(graph, outputs)

  const ops: LoweredOp[] = []
  graph.nodes.forEach((node, id) => {
    if (!live.has(id)) return
    if (node.kind === 'input') {
      values.set(id, node.name)
      return
    }
    const { output, label } = called(id)
    const { nodes, value } = lowerNode(node, {
      constants,
      names,
      inputs: node.inputs.map((input) => ({ name: values.get(input) as string, shape: graph.nodes[input].shape })),
      label,
      take: () => output ?? names.near(label),
    })
    values.set(id, value)
    ops.push({ id, op: node.op, nodes })
  })
  const takes = inputs.filter(({ name }) => !Object.hasOwn(initializers, name))
  const weights = inputs.filter(({ name }) => Object.hasOwn(initializers, name))
  const message = (value: Declared) => {
    const { dims = value.shape, type = value.dtype } = declare?.(value) ?? {}
    return valueMessage(value.name, type, dims)
  }
  return {
    ops,
    before: [],
    copies: copies(outputs, values),
    takes,
    inputs: takes.map(message),
    outputs: Object.entries(outputs).map(([name, id]) => message({ ...graph.nodes[id], name })),
    initializers: weights.map((node) => weightMessage(node, initializers[node.name])),
    constants: constants.all(),
  }
}

/** The names of nodes: their output's name, or else that of their first point, or else that of their op with their place. */
function callNodes({ nodes, points }: Graph, outputs: LowerOptions['outputs']) {
  const firstName = (table: Readonly<Record<string, NodeId>>) => {
    const names = new Map<NodeId, string>()
    for (const [name, id] of Object.entries(table)) if (!names.has(id)) names.set(id, name)
    return names
  }
  const [outputNames, pointNames] = [firstName(outputs), firstName(points)]
  return (id: NodeId) => {
    const output = outputNames.get(id)
    const label = output ?? pointNames.get(id) ?? `${(nodes[id] as OpNode).op}:${id}`
    return { output, label }
  }
}

function copies(outputs: LowerOptions['outputs'], values: ReadonlyMap<NodeId, string>): NodeMessage[] {
  return Object.entries(outputs).flatMap(([name, id]) => {
    const value = values.get(id) as string
    return value === name ? [] : [{ name, opType: 'Identity', input: [value], output: [name] }]
  })
}

/** @throws OpsinError `SHAPE` for a number of values that does not fill the input. */
function weightMessage({ name, shape, dtype }: InputNode, values: ArrayLike<number>): TensorMessage {
  if (values.length === sizeOf(shape)) return tensorMessage(name, dtype, shape, bytesOf(dtype, values))
  const expected = `${sizeOf(shape)} numbers for ${showShape(shape)}`
  throw new OpsinError('SHAPE', { where: `initializer "${name}"`, expected, got: String(values.length) })
}
