import { parametersOf, pointOf } from '../build.ts'
import type { Graph, NodeId } from '../node.ts'
import { ancestors } from '../rewrite.ts'

/**
 * Drops everything that neither the points to keep nor the updates need. What a clamp made dead (the scores behind a
 * clamped pattern, the queries and keys behind the scores) goes with it. Parameters stay, read or not: a starved one
 * keeps its place in the optimiser's vector. What the loss needs comes first, so that no other read changes the order in
 * which its gradients are summed.
 *
 * @throws OpsinError `NAME` when a point to keep does not exist.
 */
export function prune(graph: Graph, keep: readonly string[]): Graph {
  const roots = keep.map((name) => pointOf(graph, name))
  for (const { state, value } of graph.updates) roots.push(state, value)
  const parameters = parametersOf(graph).map(({ id }) => id)
  const live = ancestors(graph, [...roots, ...parameters])
  const first = ancestors(graph, [...parameters, ...(graph.points.loss === undefined ? [] : [graph.points.loss])])
  const order = [...live].sort((a, b) => Number(first.has(b)) - Number(first.has(a)) || a - b)
  const moved = new Map(order.map((id, index) => [id, index]))
  const to = (id: NodeId) => moved.get(id) as NodeId
  return {
    nodes: [...moved.keys()].map((id) => {
      const node = graph.nodes[id]
      return node.kind === 'op' ? { ...node, inputs: node.inputs.map(to) } : node
    }),
    points: Object.fromEntries(
      Object.entries(graph.points).flatMap(([name, id]) => (live.has(id) ? [[name, to(id)]] : [])),
    ),
    updates: graph.updates.map(({ state, value }) => ({ state: to(state), value: to(value) })),
  }
}
