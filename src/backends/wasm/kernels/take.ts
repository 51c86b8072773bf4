import { sameRows } from '../../../core/blocks.ts'
import { type Shape, sizeOf } from '../../../core/shape.ts'
import type { Kernel, Table } from './kernel.ts'

interface TakeAttrs {
  readonly axis: number
  readonly indices: readonly number[]
}

const take: Kernel<TakeAttrs> = {
  table: ({ attrs: { axis, indices }, inputs: [from] }) => indexTable(inBlocks(indices, from[axis]).indices),
  bind({ take }, { out, inputs: [x], table }, { attrs: { axis, indices }, inputs: [from] }) {
    const [outer, inner] = around(from, axis)
    const blocks = inBlocks(indices, from[axis])
    const [count, length, width] = [blocks.indices.length, blocks.length, blocks.size * inner]
    return () => take(out, x, table, outer, count, length, width)
  },
}

const put: Kernel<TakeAttrs & { readonly length: number }> = {
  table: ({ attrs: { indices, length } }) => indexTable(inBlocks(indices, length).indices),
  bind({ put }, { out, inputs: [x], table }, { attrs, inputs: [from] }) {
    const [outer, inner] = around(from, attrs.axis)
    const blocks = inBlocks(attrs.indices, attrs.length)
    const [count, length, width] = [blocks.indices.length, blocks.length, blocks.size * inner]
    return () => put(out, x, table, outer, count, length, width)
  },
}

/** Neighbours taken together, in as large blocks as there are: the eight columns of one head are one row of eight. */
function inBlocks(indices: readonly number[], length: number) {
  for (let size = indices.length; size > 1; size--) {
    const blocks = length % size === 0 ? sameRows(indices, length, length / size) : undefined
    if (blocks !== undefined) return { indices: blocks, length: length / size, size }
  }
  return { indices, length, size: 1 }
}

/** How many elements there are before and after an axis. */
function around(shape: Shape, axis: number): [outer: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))]
}

function indexTable(indices: readonly number[]): Table {
  return { key: `indices ${indices.join()}`, values: () => Int32Array.from(indices) }
}

export const takeKernels = { take, put }
