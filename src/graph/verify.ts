import { internal } from '../core/errors.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { show } from '../core/show.ts'
import { axesOf } from './axes.ts'
import type { Graph, Node } from './node.ts'

/**
 * Checks the invariants of a graph; tests run it after every rewrite. Returns the graph.
 *
 * @throws OpsinError `INTERNAL` naming the rule and the node that breaks it.
 */
export function verify(graph: Graph): Graph {
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'op') verifyOp(graph, node, id)
  })
  requireUnique(
    'input names are unique',
    graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : [])),
  )
  for (const [name, id] of Object.entries(graph.points)) {
    if (graph.nodes[id] === undefined) throw broken('points name nodes', `a node for ${name}`, `%${id}`)
  }
  for (const { state, value } of graph.updates) {
    const [a, b] = [graph.nodes[state], graph.nodes[value]]
    if (a === undefined || b === undefined || !sameType(a, b)) {
      throw broken('updates keep the type', showType(a), showType(b))
    }
  }
  return graph
}

function verifyOp(graph: Graph, node: Extract<Node, { kind: 'op' }>, id: number): void {
  if (node.inputs.some((input) => !(input >= 0 && input < id))) {
    throw broken('inputs come before', `ids below ${id}`, node.inputs.join(', '))
  }
  const op = node.definition
  const inputs = node.inputs.map((input) => graph.nodes[input])
  const inferred = op.infer(inputs, node.attrs)
  if (!sameShape(inferred.shape, node.shape) || inferred.dtype !== node.dtype) {
    throw broken(`types are those of the op (%${id} ${node.op})`, showShape(inferred.shape), showShape(node.shape))
  }
  if (!isJson(node.attrs)) {
    throw broken(`attributes are plain JSON (%${id} ${node.op})`, 'JSON', show(node.attrs))
  }
  axesOf(op, { attrs: node.attrs, inputs: inputs.map(({ shape }) => shape), shape: node.shape })
}

/** A value that survives JSON unchanged: no −0, NaN, infinity, undefined or function. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value === 'object' && Object.values(value).every(isJson)
}

function sameType(a: Node, b: Node): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape)
}

function requireUnique(rule: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw broken(rule, 'each once', `${twice} twice`)
}

function broken(rule: string, expected: string, got: string) {
  return internal(`verify: ${rule}`, expected, got)
}

function showType(node: Node | undefined): string {
  return node === undefined ? 'nothing' : `${node.dtype} ${showShape(node.shape)}`
}
