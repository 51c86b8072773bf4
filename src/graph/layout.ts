import { bytesPerElement, type Precision } from '../core/dtype.ts'
import { sizeOf } from '../core/shape.ts'
import type { Graph, NodeId, OpNode } from './node.ts'

/** Where a node's value lies: in which block of memory, and how many bytes from its start. */
export interface Slot {
  readonly block: number
  readonly offset: number
}

/** Decides which values are the same memory, and hands out slots, each node once. Where the blocks lie comes later. */
export class Layout {
  readonly #slots: (Slot | undefined)[]
  readonly #sizes: number[] = []

  constructor(
    readonly graph: Graph,
    readonly precision: Precision,
  ) {
    this.#slots = new Array(graph.nodes.length).fill(undefined)
  }

  /** Sizes of the blocks, in bytes. */
  get sizes(): readonly number[] {
    return this.#sizes
  }

  place(id: NodeId): Slot {
    const known = this.#slots[id]
    if (known !== undefined) return known
    const viewed = viewOf(this.graph, id)
    if (viewed !== undefined) return this.share(id, viewed)
    const slot = { block: this.#sizes.push(this.#bytesOf(id)) - 1, offset: 0 }
    this.#slots[id] = slot
    return slot
  }

  share(id: NodeId, other: NodeId): Slot {
    const slot = this.place(other)
    this.#slots[id] = slot
    return slot
  }

  /** Places a pack and, inside it, those of its inputs that have no place yet. */
  placePack(id: NodeId): void {
    let { block, offset } = this.place(id)
    for (const input of partsOf(this.graph, id)) {
      const root = rootOf(this.graph, input)
      this.#slots[root] ??= { block, offset }
      offset += this.#bytesOf(root)
    }
  }

  /** Nothing to compute: a view, or a pack whose inputs already lie in it. */
  elided(id: NodeId): boolean {
    if (viewOf(this.graph, id) !== undefined) return true
    if (!isPack(this.graph, id)) return false
    let { block, offset } = this.place(id)
    return partsOf(this.graph, id).every((input) => {
      const slot = this.place(input)
      const inside = slot.block === block && slot.offset === offset
      offset += this.#bytesOf(input)
      return inside
    })
  }

  slots(): Slot[] {
    return this.graph.nodes.map((_, id) => this.place(id))
  }

  #bytesOf(id: NodeId): number {
    const { shape, dtype } = this.graph.nodes[id]
    return sizeOf(shape) * bytesPerElement(dtype, this.precision)
  }
}

export function viewOf(graph: Graph, id: NodeId): NodeId | undefined {
  const node = graph.nodes[id]
  return node.kind === 'op' && node.definition.memory === 'view' ? node.inputs[0] : undefined
}

/** The node whose bytes a chain of views shows. */
export function rootOf(graph: Graph, id: NodeId): NodeId {
  const viewed = viewOf(graph, id)
  return viewed === undefined ? id : rootOf(graph, viewed)
}

export function isPack(graph: Graph, id: NodeId): boolean {
  const node = graph.nodes[id]
  return node.kind === 'op' && node.definition.memory === 'pack'
}

/** The inputs of a pack; of any other node, itself. */
export function partsOf(graph: Graph, id: NodeId): readonly NodeId[] {
  return isPack(graph, id) ? (graph.nodes[id] as OpNode).inputs : [id]
}
