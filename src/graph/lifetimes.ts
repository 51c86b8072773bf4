import type { Slot } from './layout.ts'
import type { Graph, NodeId } from './node.ts'

/** A block of memory and the steps of a run, first and last, between which it holds something that is still wanted. */
export interface Block {
  readonly bytes: number
  readonly from: number
  readonly to: number
}

/** After the last step: a value that lives until then can be read until the next run. */
export const END = Number.POSITIVE_INFINITY

/** When each block is in use, given the nodes computed in a run, in order. */
export function lifetimesOf(
  graph: Graph,
  slots: readonly Slot[],
  sizes: readonly number[],
  order: readonly NodeId[],
  wanted: {
    /** Nodes that are there before a run: inputs, states, constants. */
    readonly before: readonly NodeId[]
    /** Nodes that are read after it. */
    readonly after: readonly NodeId[]
  },
): Block[] {
  const from = sizes.map(() => END)
  const to = sizes.map(() => -1)
  const use = (id: NodeId, step: number) => {
    const { block } = slots[id]
    from[block] = Math.min(from[block], step)
    to[block] = Math.max(to[block], step)
  }
  order.forEach((id, step) => {
    const node = graph.nodes[id]
    use(id, step)
    if (node.kind === 'op') for (const input of node.inputs) use(input, step)
  })
  for (const id of wanted.after) use(id, END)
  for (const id of wanted.before) {
    use(id, -1)
    use(id, END)
  }
  return sizes.map((bytes, block) => ({ bytes, from: from[block], to: to[block] }))
}

const ALIGNMENT = 16

/**
 * Gives every block a place at which nothing else lies while it is in use: the largest first, each as far down as it
 * fits.
 *
 * @param guard bytes to leave free around every block.
 */
export function arrange(blocks: readonly Block[], guard: number): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(blocks.length).fill(0)
  const placed: number[] = []
  let bytes = guard
  for (const block of [...blocks.keys()].sort((a, b) => blocks[b].bytes - blocks[a].bytes || a - b)) {
    const size = blocks[block].bytes + guard
    let offset = aligned(guard)
    // Those already placed, from the bottom up: the first gap that is large enough.
    for (const other of placed) {
      if (!together(blocks[block], blocks[other])) continue
      if (offset + size <= offsets[other]) break
      offset = Math.max(offset, aligned(offsets[other] + blocks[other].bytes + guard))
    }
    offsets[block] = offset
    bytes = Math.max(bytes, offset + size)
    const above = placed.findIndex((other) => offsets[other] > offset)
    placed.splice(above < 0 ? placed.length : above, 0, block)
  }
  return { offsets, bytes }
}

/** Whether two blocks are in use at once. A step reads its inputs while it writes its output: they are. */
function together(a: Block, b: Block): boolean {
  return a.from <= b.to && b.from <= a.to
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
