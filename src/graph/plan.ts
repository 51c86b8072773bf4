import { bytesPerElement, type DType, type Precision } from '../core/dtype.ts'
import { internal } from '../core/errors.ts'
import { sizeOf } from '../core/shape.ts'
import { opNamed } from '../ops/registry.ts'
import type { Graph, NodeId, OpNode } from './node.ts'

/** Where a node's value lies in the arena. */
export interface Place {
  /** In bytes from the start of the arena. */
  readonly offset: number
  /** In elements. */
  readonly length: number
  readonly dtype: DType
}

/** What to compute, in which order, and where everything lies: all a backend needs, decided ahead of the first run. */
export interface Plan {
  readonly graph: Graph
  readonly precision: Precision
  /** By node. */
  readonly places: readonly Place[]
  /** Nodes that depend on no input: computed once. */
  readonly constants: readonly NodeId[]
  /** Nodes to compute at each run, in order. Views and elided packs are not among them. */
  readonly order: readonly NodeId[]
  /** What is left of the graph's updates: places to copy after each run. The others are computed in place. */
  readonly copies: readonly { readonly from: NodeId; readonly to: NodeId }[]
  /** Size of the arena. */
  readonly bytes: number
}

const ALIGNMENT = 16

/**
 * Gives every value its place. A `view` shares the place of its input; the inputs of a `pack` are placed inside its
 * output, so packing costs nothing; an update whose op allows it is computed over its state.
 *
 * @param guard bytes to leave free around every buffer, for tests that watch for stray writes.
 */
export function plan(graph: Graph, precision: Precision, guard = 0): Plan {
  const layout = new Layout(graph, precision, guard)
  const { inPlace, copies } = splitUpdates(graph)
  const later = new Map(inPlace.map(({ state, value }) => [value, state]))

  // The packs that are updated come first: their inputs must lie in them, others can do with copies.
  const packs = [...graph.updates.map(({ state }) => state), ...graph.nodes.keys()].filter((id) => isPack(graph, id))
  for (const id of packs) layout.placePack(id)
  graph.nodes.forEach((_, id) => {
    const state = later.get(id)
    if (state !== undefined) layout.share(id, state)
    else layout.place(id)
  })

  for (const { state } of graph.updates) requireState(graph, state, layout)
  const constant = constantNodes(graph)
  const computed = graph.nodes.flatMap((node, id) => (node.kind === 'op' && !layout.elided(id) ? [id] : []))
  return {
    graph,
    precision,
    places: layout.places(),
    constants: computed.filter((id) => constant[id]),
    order: computed.filter((id) => !constant[id]),
    copies: readersFirst(graph, copies),
    bytes: layout.bytes,
  }
}

/** Hands out places in the arena, each node once. */
class Layout {
  bytes: number
  readonly #places: (Place | undefined)[]

  constructor(
    readonly graph: Graph,
    readonly precision: Precision,
    readonly guard: number,
  ) {
    this.bytes = guard
    this.#places = new Array(graph.nodes.length).fill(undefined)
  }

  place(id: NodeId): Place {
    const known = this.#places[id]
    if (known !== undefined) return known
    const viewed = viewOf(this.graph, id)
    if (viewed !== undefined) return this.share(id, viewed)
    const node = this.graph.nodes[id]
    const offset = Math.ceil(this.bytes / ALIGNMENT) * ALIGNMENT
    const place = { offset, length: sizeOf(node.shape), dtype: node.dtype }
    this.bytes = offset + this.#bytesOf(place) + this.guard
    this.#places[id] = place
    return place
  }

  share(id: NodeId, other: NodeId): Place {
    const { offset } = this.place(other)
    const node = this.graph.nodes[id]
    const place = { offset, length: sizeOf(node.shape), dtype: node.dtype }
    this.#places[id] = place
    return place
  }

  /** Places a pack and, inside it, those of its inputs that have no place yet. */
  placePack(id: NodeId): void {
    let { offset } = this.place(id)
    for (const input of (this.graph.nodes[id] as OpNode).inputs) {
      const root = rootOf(this.graph, input)
      const { shape, dtype } = this.graph.nodes[root]
      const place = { offset, length: sizeOf(shape), dtype }
      this.#places[root] ??= place
      offset += this.#bytesOf(place)
    }
  }

  /** Nothing to compute: a view, or a pack whose inputs already lie in it. */
  elided(id: NodeId): boolean {
    if (viewOf(this.graph, id) !== undefined) return true
    if (!isPack(this.graph, id)) return false
    let { offset } = this.place(id)
    return (this.graph.nodes[id] as OpNode).inputs.every((input) => {
      const place = this.place(input)
      const inside = place.offset === offset
      offset += this.#bytesOf(place)
      return inside
    })
  }

  places(): Place[] {
    return this.graph.nodes.map((_, id) => this.place(id))
  }

  #bytesOf({ length, dtype }: Place): number {
    return length * bytesPerElement(dtype, this.precision)
  }
}

function viewOf(graph: Graph, id: NodeId): NodeId | undefined {
  const node = graph.nodes[id]
  return node.kind === 'op' && opNamed(node.op).alias === 'view' ? node.inputs[0] : undefined
}

/** The node whose bytes a chain of views shows. */
function rootOf(graph: Graph, id: NodeId): NodeId {
  const viewed = viewOf(graph, id)
  return viewed === undefined ? id : rootOf(graph, viewed)
}

function isPack(graph: Graph, id: NodeId): boolean {
  const node = graph.nodes[id]
  return node.kind === 'op' && opNamed(node.op).alias === 'pack'
}

/**
 * An update may be computed over its state when its op reads each element of the state before it writes it and nothing
 * reads the old value afterwards, by whatever name.
 */
function splitUpdates(graph: Graph) {
  const inPlace = graph.updates.filter(({ state, value }) => {
    const node = graph.nodes[value]
    if (node.kind !== 'op') return false
    const { inPlace: shared } = opNamed(node.op)
    if (shared === undefined || node.inputs[shared] !== state) return false
    const same = sameBytes(graph, state)
    const readLater = graph.nodes.some(
      (reader, id) => id > value && reader.kind === 'op' && reader.inputs.some((input) => same.has(input)),
    )
    return !readLater && !graph.updates.some((other) => same.has(other.value))
  })
  const copies = graph.updates
    .filter((update) => !inPlace.includes(update))
    .map(({ state, value }) => ({ from: value, to: state }))
  return { inPlace, copies }
}

/** The nodes that show bytes of a state: itself, the inputs of a pack, other packs of those, and views of any. */
function sameBytes(graph: Graph, state: NodeId): Set<NodeId> {
  const same = new Set([state, ...partsOf(graph, state).map((part) => rootOf(graph, part))])
  graph.nodes.forEach((_, id) => {
    const shown = isPack(graph, id) ? partsOf(graph, id) : [viewOf(graph, id)]
    if (shown.some((part) => part !== undefined && same.has(part))) same.add(id)
  })
  return same
}

/** The inputs of a pack; of any other node, itself. */
function partsOf(graph: Graph, id: NodeId): readonly NodeId[] {
  return isPack(graph, id) ? (graph.nodes[id] as OpNode).inputs : [id]
}

/** Copies in an order in which each reads its value before another writes over it. */
function readersFirst(graph: Graph, copies: Plan['copies']): Plan['copies'] {
  const waiting = [...copies]
  const ordered: Plan['copies'][number][] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ to }, i) => {
      const same = sameBytes(graph, to)
      return !waiting.some(({ from }, j) => i !== j && same.has(from))
    })
    if (next < 0)
      throw internal('plan: update', 'states that do not take the values of one another', 'a circle of them')
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered
}

/** A state is an input, or a pack laid over inputs: writing to it writes to them. */
function requireState(graph: Graph, id: NodeId, layout: Layout): void {
  const inputs = partsOf(graph, id).every((input) => graph.nodes[input].kind === 'input')
  if (inputs && (!isPack(graph, id) || layout.elided(id))) return
  throw internal('plan: update', 'an input or a pack of inputs that are in no other pack', `node %${id}`)
}

function constantNodes(graph: Graph): boolean[] {
  const constant: boolean[] = []
  for (const node of graph.nodes) {
    constant.push(node.kind === 'op' && node.inputs.every((input) => constant[input]))
  }
  return constant
}
