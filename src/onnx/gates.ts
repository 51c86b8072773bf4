import { internal } from '../core/errors.ts'
import { sameShape } from '../core/shape.ts'
import { GraphBuilder } from '../graph/build.ts'
import type { Graph, Node, NodeId } from '../graph/node.ts'
import { inOrder } from '../graph/rewrite.ts'
import { defineOp, float, requireInputs } from '../ops/define.ts'
import { none } from '../ops/shared/axes.ts'

// y = mask ≠ 0 ? value + (1 − gate) x : x        x, gate, mask, value, y of one shape
// gate 1 replaces, gate 0 adds, what is between blends: every intervention that is affine in x, element by element.

const gateOp = defineOp({
  name: 'onnx/gate',
  formula: 'y = mask ≠ 0 ? value + (1 − gate) x : x',
  infer(inputs) {
    const fits =
      inputs.length === 4 && inputs.every((one) => one.dtype === 'float' && sameShape(one.shape, inputs[0].shape))
    requireInputs('onnx/gate', inputs, 'four floats x, gate, mask and value of one shape', fits)
    return float(inputs[0].shape)
  },
  forward(out, [x, gate, mask, value]) {
    for (let i = 0; i < out.length; i++) out[i] = mask[i] === 0 ? x[i] : value[i] + (1 - gate[i]) * x[i]
  },
  vjp: 'none',
  // In a file gate, mask and value may be of length 1 along any axis: no row of them can be told from another.
  axes: none,
  // In a file the mask is a boolean already.
  onnx({ names: [x, gate, mask, value], node, floats }) {
    const kept = node('Mul', [node('Sub', [floats([1], []), gate]), x])
    return node('Where', [mask, node('Add', [value, kept]), x])
  },
  sample: (draw) => ({ inputs: Array.from({ length: 4 }, () => ({ shape: [draw.size()] })), attrs: {} }),
})

/** The inputs of a gate, in the order of its op. */
export const gateInputs = ['gate', 'mask', 'value'] as const

/** The name of a gate's input. */
export function gateInput(point: string, input: (typeof gateInputs)[number]): string {
  return `${point}.${input}`
}

/** The name of the output that holds a gated point's value before its gate. */
export function beforeGate(point: string): string {
  return `${point}.before`
}

/** Puts a gate behind each of these points: everything that read the value reads the gate, and the name moves there. */
export function withGates(graph: Graph, points: readonly string[]): Graph {
  if (points.length === 0) return graph
  const builder = new GraphBuilder(graph)
  const gates = new Map<NodeId, NodeId>()
  for (const point of points) {
    const value = builder.pointId(point)
    if (gates.has(value)) throw internal('gates', 'a node of its own for each point', point)
    const { shape } = builder.node(value)
    const inputs = gateInputs.map((input) => builder.input(gateInput(point, input), shape, 'given'))
    gates.set(value, builder.point(point, builder.op(gateOp, [value, ...inputs])))
    builder.point(beforeGate(point), value)
  }
  const loose = builder.build()
  const isGate = new Set(gates.values())
  const follow = (node: Node, id: NodeId): Node =>
    node.kind === 'input' || isGate.has(id)
      ? node
      : { ...node, inputs: node.inputs.map((input) => gates.get(input) ?? input) }
  return inOrder({ ...loose, nodes: loose.nodes.map(follow) }, 'gates')
}
