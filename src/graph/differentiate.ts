import { OpsinError } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import { forwardName, gradientName } from './address.ts'
import { GraphBuilder, parametersOf, pointOf } from './build.ts'
import type { Graph, NodeId } from './node.ts'

/**
 * The graph with its backward pass: for each parameter and each hook point a point `grad(name)` holding dL/d(name),
 * same shape. Every op emits its own hand-written vjp nodes; where a value is used more than once its gradients are
 * summed by `add` nodes. Values that the loss does not depend on get zeros; where interventions write to those, the backward
 * pass goes on from there.
 *
 * @param written names of gradients that will be overwritten
 * @throws OpsinError `GRADIENT` when the loss is no scalar, or reaches a parameter through an op without a gradient.
 */
export function differentiate(graph: Graph, loss = 'loss', written: readonly string[] = []): Graph {
  const lossId = pointOf(graph, loss)
  const lossNode = graph.nodes[lossId]
  if (lossNode.shape.length > 0 || lossNode.dtype !== 'float') {
    throw new OpsinError('GRADIENT', {
      where: `differentiate("${loss}")`,
      expected: 'a scalar',
      got: `${lossNode.dtype} ${showShape(lossNode.shape)}`,
    })
  }

  const builder = new GraphBuilder(graph)
  const trained = dependsOn(
    graph,
    parametersOf(graph).map(({ id }) => id),
  )
  const needed = dependsOn(graph, [...parametersOf(graph).map(({ id }) => id), ...Object.values(graph.points)])
  const named = new Set(Object.values(graph.points))
  const used = new Set<NodeId>()
  // `add` hands one gradient to both its inputs. A point has a node of its own, so that what is done to its gradient
  // is done to no other's.
  const own = (input: NodeId, part: NodeId) => {
    const shared = used.has(part) && named.has(input)
    const node = shared ? builder.op('reshape', [part], { shape: graph.nodes[input].shape }) : part
    used.add(node)
    return node
  }
  const zeros = (id: NodeId) => builder.op('constant', [], { shape: graph.nodes[id].shape, value: 0 })
  const sources = new Set(written.map((name) => pointOf(graph, forwardName(name))))
  const gradients = new Map<NodeId, NodeId>([
    [lossId, own(lossId, builder.op('constant', [], { shape: [], value: 1 }))],
  ])
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id]
    if (sources.has(id) && !gradients.has(id)) gradients.set(id, own(id, zeros(id)))
    const gradient = gradients.get(id)
    if (node.kind !== 'op' || gradient === undefined) continue
    const { vjp } = node.definition
    node.inputs.forEach((input, index) => {
      if (!needed[input] || (vjp === 'none' && !trained[input])) return
      if (vjp === 'none') throw noGradient(graph, id)
      const part = vjp(
        {
          attrs: node.attrs,
          inputs: node.inputs,
          output: id,
          gradient,
          shapeOf: (ref) => builder.node(ref).shape,
          emit: (op, inputs, attrs) => builder.op(op, inputs, attrs),
        },
        index,
      )
      if (part === 'blocked') return
      const sum = gradients.get(input)
      gradients.set(input, own(input, sum === undefined ? part : builder.op('add', [sum, part])))
    })
  }

  for (const [name, id] of Object.entries(graph.points)) {
    if (needed[id]) builder.point(gradientName(name), gradients.get(id) ?? zeros(id))
  }
  for (const { id, node } of parametersOf(graph)) {
    builder.point(gradientName(node.name), gradients.get(id) ?? zeros(id))
  }
  return builder.build()
}

/** Per node: is it a float that is one of these nodes, or computed from one? */
function dependsOn(graph: Graph, roots: readonly NodeId[]): boolean[] {
  const own = new Set(roots)
  const depends: boolean[] = []
  graph.nodes.forEach((node, id) => {
    const follows = node.kind === 'op' && node.inputs.some((input) => depends[input])
    depends.push(node.dtype === 'float' && (own.has(id) || follows))
  })
  return depends
}

function noGradient(graph: Graph, id: NodeId): OpsinError {
  const node = graph.nodes[id]
  const name = Object.keys(graph.points).find((point) => graph.points[point] === id)
  return new OpsinError('GRADIENT', {
    where: `differentiate: node %${id}${name === undefined ? '' : ` (${name})`}`,
    expected: 'an op with a gradient between a parameter and the loss',
    got: node.kind === 'op' ? node.op : 'an input',
    hint: 'Give the intervention the gradient rule "block", or feed it something that no parameter touches.',
  })
}
