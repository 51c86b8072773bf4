import type { DType } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { Shape } from '../core/shape.ts'
import { show } from '../core/show.ts'
import type { OpDef } from '../ops/define.ts'
import { opNamed, requireOwnName } from '../ops/registry.ts'
import type { Feed, Feeder, Graph, InputNode, Node, NodeId, OpNode, Update } from './node.ts'

/**
 * A graph under construction. Shapes are inferred as each node is added, so a mistake throws where it is made; the
 * error tells the path of names it was made under.
 */
export class GraphBuilder {
  readonly #nodes: Node[] = []
  readonly #inputs = new Map<string, NodeId>()
  readonly #points: Record<string, NodeId> = {}
  readonly #updates: Update[] = []

  /** Starts with everything `from` has (the same ids), or empty. */
  constructor(from?: Graph) {
    if (from === undefined) return
    if (!Array.isArray(from?.nodes))
      throw new OpsinError('VALUE', { where: 'graph', expected: 'a graph', got: show(from) })
    for (const node of from.nodes) this.#push(node)
    Object.assign(this.#points, from.points)
    this.#updates.push(...from.updates)
  }

  /**
   * An input of the graph, with its feeder.
   *
   * @param feed its values, where `feeder` is `step`, `draw` or `given`.
   * @throws OpsinError `NAME` when the name is taken.
   */
  input(name: string, shape: Shape, feeder: Feeder = 'batch', dtype: DType = 'float', feed?: Feed): NodeId {
    if (this.#inputs.has(name)) {
      throw new OpsinError('NAME', { where: 'graph', expected: 'a new input name', got: JSON.stringify(name) })
    }
    return this.#push({ kind: 'input', name, feeder, shape, dtype, ...(feed === undefined ? {} : { feed }) })
  }

  /**
   * A node that computes `op` of `inputs`: one of the house's by name, or any by its definition.
   *
   * @throws OpsinError from the op's own shape rule; `NAME` for an op that does not exist.
   */
  op(op: string | OpDef, inputs: readonly NodeId[], attrs: object = {}): NodeId {
    const definition = typeof op === 'string' ? opNamed(op) : requireOwnName(op)
    const types = inputs.map((id) => this.node(id))
    const { shape, dtype } = definition.infer(types, attrs)
    return this.#push({
      kind: 'op',
      op: definition.name,
      definition,
      inputs,
      attrs: attrs as OpNode['attrs'],
      shape,
      dtype,
    })
  }

  /** Names a node, and gives it back. A name given again moves. */
  point(name: string, id: NodeId): NodeId {
    this.node(id)
    this.#points[name] = id
    return id
  }

  /** After each run, `state` takes the value of `value`. */
  update(state: NodeId, value: NodeId): void {
    this.#updates.push({ state, value })
  }

  /** Adds a node as it is: for rewrites that copy nodes whose types are already known. */
  copy(node: Node): NodeId {
    return this.#push(node)
  }

  node(id: NodeId): Node {
    const node = this.#nodes[id]
    if (node === undefined) {
      throw new OpsinError('INTERNAL', { where: 'graph', expected: 'the id of a node', got: String(id) })
    }
    return node
  }

  pointId(name: string): NodeId {
    return pointOf({ nodes: this.#nodes, points: this.#points, updates: [] }, name)
  }

  /** The input with this name, if there is one. */
  findInput(name: string): NodeId | undefined {
    return this.#inputs.get(name)
  }

  /** The input with this name. @throws OpsinError `NAME`. */
  inputId(name: string): NodeId {
    return inputOf({ nodes: this.#nodes, points: {}, updates: [] }, name)
  }

  /** How many nodes there are: the next one's id. */
  get length(): number {
    return this.#nodes.length
  }

  build(): Graph {
    return { nodes: [...this.#nodes], points: { ...this.#points }, updates: [...this.#updates] }
  }

  #push(node: Node): NodeId {
    const id = this.#nodes.push(Object.freeze(node)) - 1
    if (node.kind === 'input') this.#inputs.set(node.name, id)
    return id
  }
}

/** The node a point names. @throws OpsinError `NAME` with the nearest names when there is none. */
export function pointOf(graph: Graph, name: string): NodeId {
  if (Object.hasOwn(graph.points, name)) return graph.points[name]
  throw unknownName('graph', 'a hook point of this graph', name, Object.keys(graph.points))
}

/** The input with this name. @throws OpsinError `NAME`. */
export function inputOf(graph: Graph, name: string): NodeId {
  const id = graph.nodes.findIndex((node) => node.kind === 'input' && node.name === name)
  if (id >= 0) return id
  const names = graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : []))
  throw unknownName('graph', 'an input of this graph', name, names)
}

/** The parameters, in order: the node and name of each. */
export function parametersOf(graph: Graph): { id: NodeId; node: InputNode }[] {
  return graph.nodes.flatMap((node, id) => (node.kind === 'input' && node.feeder === 'parameter' ? [{ id, node }] : []))
}
