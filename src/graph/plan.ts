import type { DType, Precision } from '../core/dtype.ts'
import { internal } from '../core/errors.ts'
import { sizeOf } from '../core/shape.ts'
import { isPack, Layout, partsOf, rootOf, viewOf } from './layout.ts'
import { arrange, END, lifetimesOf } from './lifetimes.ts'
import type { Graph, NodeId } from './node.ts'

/** Where a node's value lies in the arena. */
export interface Place {
  /** In bytes from the start of the arena. */
  readonly offset: number
  /** In elements. */
  readonly length: number
  readonly dtype: DType
}

/** The order of computation and the place of every value, decided before the first run. */
export interface Plan {
  readonly graph: Graph
  readonly precision: Precision
  /** By node. */
  readonly places: readonly Place[]
  /** By node: whether its value is still there after a run. Where it is not, something else may lie in its place. */
  readonly readable: readonly boolean[]
  /** Nodes that depend on no input: computed once. */
  readonly constants: readonly NodeId[]
  /** Nodes to compute at each run, in order. Views and elided packs are not among them. */
  readonly order: readonly NodeId[]
  /** The nodes to compute after them: states that are updated in place, and nodes that depend on these. */
  readonly updates: readonly NodeId[]
  /** The remaining updates of the graph: places to copy after each run. */
  readonly copies: readonly { readonly from: NodeId; readonly to: NodeId }[]
  /** Size of the arena. */
  readonly bytes: number
}

export interface PlanOptions {
  /** Nodes that will be read after a run: all others may give their place to a later one. Default: every node. */
  readonly keep?: readonly NodeId[] | undefined
  /** Bytes to leave free around every buffer, for tests that watch for stray writes. */
  readonly guard?: number | undefined
}

/**
 * Gives every value its place. A `view` shares the place of its input; the inputs of a `pack` are placed inside its
 * output, so packing costs nothing; an update whose op allows it is computed over its state.
 */
export function plan(graph: Graph, precision: Precision, { keep, guard = 0 }: PlanOptions = {}): Plan {
  const { inPlace, copies } = splitUpdates(graph)
  const layout = layOut(graph, precision, inPlace)
  for (const { state } of graph.updates) requireState(graph, state, layout)

  const constant = constantNodes(graph)
  const late = lateNodes(
    graph,
    inPlace.map(({ value }) => value),
  )
  const all = [...graph.nodes.keys()]
  const computed = all.filter((id) => graph.nodes[id].kind === 'op' && !layout.elided(id))
  const order = computed.filter((id) => !constant[id] && !late[id])
  const updates = computed.filter((id) => late[id])

  const slots = layout.slots()
  const blocks = lifetimesOf(graph, slots, layout.sizes, [...order, ...updates], {
    before: all.filter((id) => graph.nodes[id].kind === 'input' || constant[id]),
    after: [...(keep ?? all), ...copies.map(({ from }) => from)],
  })
  const { offsets, bytes } = arrange(blocks, guard)
  return {
    graph,
    precision,
    places: graph.nodes.map(({ shape, dtype }, id) => {
      const { block, offset } = slots[id]
      return { offset: offsets[block] + offset, length: sizeOf(shape), dtype }
    }),
    readable: slots.map(({ block }) => blocks[block].to === END),
    constants: computed.filter((id) => constant[id]),
    order,
    updates,
    copies: readersFirst(graph, copies),
    bytes,
  }
}

function layOut(graph: Graph, precision: Precision, inPlace: Graph['updates']): Layout {
  const layout = new Layout(graph, precision)
  // The packs that are updated come first: their inputs must lie in them, others can do with copies.
  const packs = [...graph.updates.map(({ state }) => state), ...graph.nodes.keys()].filter((id) => isPack(graph, id))
  for (const id of packs) layout.placePack(id)
  const states = new Map(inPlace.map(({ state, value }) => [value, state]))
  graph.nodes.forEach((_, id) => {
    const state = states.get(id)
    if (state !== undefined) layout.share(id, state)
    else layout.place(id)
  })
  return layout
}

/** By node: whether it is one of these or depends on one. */
function lateNodes(graph: Graph, values: readonly NodeId[]): boolean[] {
  const first = new Set(values)
  const late: boolean[] = []
  graph.nodes.forEach((node, id) => {
    late.push(first.has(id) || (node.kind === 'op' && node.inputs.some((input) => late[input])))
  })
  return late
}

/**
 * An update may be computed over its state when its op reads each element of the state before it writes it and nothing
 * reads the old value afterwards, by whatever name.
 */
function splitUpdates(graph: Graph) {
  const inPlace = graph.updates.filter(({ state, value }) => {
    const node = graph.nodes[value]
    if (node.kind !== 'op') return false
    const { memory } = node.definition
    if (typeof memory !== 'object' || node.inputs[memory.over] !== state) return false
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
