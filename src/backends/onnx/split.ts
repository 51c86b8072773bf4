import { pointOf } from '../../graph/build.ts'
import type { Graph, InputNode, Node, NodeId, Update } from '../../graph/node.ts'
import { ancestors } from '../../graph/rewrite.ts'

/** A graph in two: the part that ONNX Runtime computes, and the update after it, which ONNX Runtime is slow at. */
export interface SplitGraph {
  /** The ops whose values ONNX Runtime has to output: kept points, and inputs of the update. */
  readonly outputs: readonly NodeId[]
  /** The update: its inputs are parameters, states, rates and, `given`, values of the other part. */
  readonly update: Graph
  /** By node of the whole graph: the same node in the update. */
  readonly inUpdate: ReadonlyMap<NodeId, NodeId>
}

/** Splits a graph after its last kept value: the update begins behind the gradients. */
export function splitUpdate(graph: Graph, keep: readonly string[] = Object.keys(graph.points)): SplitGraph {
  const { nodes, updates } = graph
  const kept = keep.map((name) => pointOf(graph, name))
  const first = ancestors(graph, kept)
  const needed = ancestors(
    graph,
    updates.flatMap(({ state, value }) => [state, value]),
  )
  const isOp = (id: NodeId) => nodes[id].kind === 'op'
  const late = new Set([...needed].filter((id) => isOp(id) && !first.has(id)))
  const read = new Set([
    ...[...late].flatMap((id) => (nodes[id] as { inputs: readonly NodeId[] }).inputs),
    ...updates.flatMap(({ state, value }) => [state, value]),
  ])
  const crossing = new Set([...read].filter((id) => isOp(id) && first.has(id)))
  const own = [...nodes.keys()].filter((id) => (isOp(id) ? late.has(id) || crossing.has(id) : read.has(id)))
  const inUpdate = new Map(own.map((id, index) => [id, index]))
  const to = (id: NodeId) => inUpdate.get(id) as NodeId
  const update: Graph = {
    nodes: own.map((id) => (crossing.has(id) ? standIn(nodes[id], id) : moved(nodes[id], to))),
    points: {},
    updates: updates.map(({ state, value }): Update => ({ state: to(state), value: to(value) })),
  }
  return { outputs: [...new Set([...kept.filter(isOp), ...crossing])], update, inUpdate }
}

/** An input in place of a value of the other part. */
function standIn({ shape, dtype }: Node, id: NodeId): InputNode {
  return { kind: 'input', name: `given/${id}`, feeder: 'given', shape, dtype }
}

function moved(node: Node, to: (id: NodeId) => NodeId): Node {
  return node.kind === 'op' ? { ...node, inputs: node.inputs.map(to) } : node
}
