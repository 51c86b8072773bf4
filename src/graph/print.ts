import { showShape } from '../core/shape.ts'
import type { Graph, Node } from './node.ts'

/**
 * The graph as text, a node a line: id, name if it has one, what it is, its shape. The form used in errors, snapshots
 * and docs.
 */
export function print(graph: Graph): string {
  const names = new Map<number, string[]>()
  for (const [name, id] of Object.entries(graph.points)) names.set(id, [...(names.get(id) ?? []), name])
  const lines = graph.nodes.map((node, id) => {
    const label = names.get(id)?.join(' = ')
    return `%${id} ${label === undefined ? '' : `${label} `}= ${printNode(node)}`
  })
  const updates = graph.updates.map(({ state, value }) => `%${state} <- %${value}`)
  return [...lines, ...updates].join('\n')
}

function printNode(node: Node): string {
  const type = `${node.dtype === 'int' ? 'int ' : ''}${showShape(node.shape)}`
  if (node.kind === 'input') return `${node.feeder} ${node.name} ${type}`
  const attrs = Object.keys(node.attrs).length > 0 ? ` ${JSON.stringify(node.attrs)}` : ''
  return `${node.op}(${node.inputs.map((id) => `%${id}`).join(', ')})${attrs} ${type}`
}
