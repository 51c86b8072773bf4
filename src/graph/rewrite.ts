import { OpsinError } from '../core/errors.ts'
import { GraphBuilder } from './build.ts'
import type { Graph, Node, NodeId } from './node.ts'

/** Emits a node's stand-in into the new graph; `to` turns ids of the old graph, already copied, into new ones. */
export type Replace = (node: Node, builder: GraphBuilder, to: (id: NodeId) => NodeId, id: NodeId) => NodeId

/**
 * Copies a graph node by node, letting `replace` emit something else for any of them; points and updates follow.
 */
export function rewrite(graph: Graph, replace: Replace): Graph {
  const builder = new GraphBuilder()
  const moved: NodeId[] = []
  graph.nodes.forEach((node, id) => {
    moved.push(replace(node, builder, (old) => moved[old], id))
  })
  for (const [name, id] of Object.entries(graph.points)) builder.point(name, moved[id])
  for (const { state, value } of graph.updates) builder.update(moved[state], moved[value])
  return builder.build()
}

/** Copies the node as it is. */
export const keep: Replace = (node, builder, to) =>
  builder.copy(node.kind === 'op' ? { ...node, inputs: node.inputs.map(to) } : node)

/** Takes a step again and again, until it changes nothing any more. */
export function settle(graph: Graph, step: (graph: Graph) => Graph): Graph {
  let [current, text] = [graph, JSON.stringify(graph.nodes)]
  for (;;) {
    const next = step(current)
    const nextText = JSON.stringify(next.nodes)
    if (nextText === text) return next
    ;[current, text] = [next, nextText]
  }
}

/** The nodes that those given need, themselves included. */
export function ancestors(graph: Graph, roots: Iterable<NodeId>): Set<NodeId> {
  const found = new Set<NodeId>()
  const waiting = [...roots]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue
    found.add(id)
    const node = graph.nodes[id]
    if (node.kind === 'op') waiting.push(...node.inputs)
  }
  return found
}

/** A graph whose nodes may name inputs that come after them, as after splicing. */
export type LooseGraph = Graph

/**
 * Puts the nodes of a loose graph in an order in which they can be computed, keeping the given order where it can.
 *
 * @throws OpsinError `VALUE` when a value depends on itself; `describe` names the caller's work.
 */
export function inOrder(graph: LooseGraph, describe: string): Graph {
  const moved = new Map<NodeId, NodeId>()
  const open = new Set<NodeId>()
  const nodes: Node[] = []
  const visit = (id: NodeId): void => {
    if (moved.has(id)) return
    if (open.has(id)) throw circular(graph, id, describe)
    open.add(id)
    const node = graph.nodes[id]
    if (node.kind === 'op') {
      node.inputs.forEach(visit)
      nodes.push({ ...node, inputs: node.inputs.map((input) => moved.get(input) as NodeId) })
    } else nodes.push(node)
    open.delete(id)
    moved.set(id, nodes.length - 1)
  }
  graph.nodes.forEach((_, id) => {
    visit(id)
  })
  const to = (id: NodeId) => moved.get(id) as NodeId
  return {
    nodes,
    points: Object.fromEntries(Object.entries(graph.points).map(([name, id]) => [name, to(id)])),
    updates: graph.updates.map(({ state, value }) => ({ state: to(state), value: to(value) })),
  }
}

function circular(graph: Graph, id: NodeId, describe: string): OpsinError {
  const name = Object.keys(graph.points).find((point) => graph.points[point] === id) ?? `node %${id}`
  return new OpsinError('VALUE', {
    where: describe,
    expected: 'a source computed before the point it is written to',
    got: `one that depends on it through ${name}`,
    hint: 'Read the source from another replica, or from an earlier hook point.',
  })
}
