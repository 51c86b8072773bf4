import { sameRows } from '../../../core/blocks.ts'
import { type Shape, sizeOf } from '../../../core/shape.ts'
import type { Kernel, Table } from './kernel.ts'

interface TakeAttrs {
  readonly axis: number
  readonly indices: readonly number[]
}

const take: Kernel<TakeAttrs> = {
  table: ({ attrs, inputs: [from] }) => indexTable(attrs, from[attrs.axis]),
  bind({ gather }, { out, inputs: [x], table }, { attrs, inputs: [from] }) {
    const { outer, count, length, inner } = extents(attrs, from, from[attrs.axis])
    return () => gather(out, x, table, outer, count, length, inner, 0)
  },
}

const put: Kernel<TakeAttrs & { readonly length: number }> = {
  table: ({ attrs }) => indexTable(attrs, attrs.length),
  bind({ scatter }, { out, inputs: [x], table }, { attrs, inputs: [from] }) {
    const { outer, count, length, inner } = extents(attrs, from, attrs.length)
    return () => scatter(out, x, table, outer, count, length, inner)
  },
}

/** Rows that come from outside the axis are no rows: zeros. */
const shift: Kernel<{ readonly axis: number; readonly by: number }> = {
  table: ({ attrs: { axis, by }, shape }) => tableOf(Array.from({ length: shape[axis] }, (_, row) => row - by)),
  bind({ gather }, { out, inputs: [x], table }, { attrs: { axis }, shape }) {
    const [outer, length, inner] = [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))]
    return () => gather(out, x, table, outer, length, length, inner, 0)
  },
}

/** Some rows of an axis of `length`, as so many blocks of an axis of blocks: [outer, count or length, inner]. */
function extents({ axis, indices }: TakeAttrs, shape: Shape, length: number) {
  const blocks = inBlocks(indices, length)
  return {
    outer: sizeOf(shape.slice(0, axis)),
    count: blocks.indices.length,
    length: length / blocks.size,
    inner: blocks.size * sizeOf(shape.slice(axis + 1)),
  }
}

function indexTable({ indices }: TakeAttrs, length: number): Table {
  return tableOf(inBlocks(indices, length).indices)
}

function tableOf(indices: readonly number[]): Table {
  return { key: `indices ${indices.join()}`, values: () => Int32Array.from(indices) }
}

/** Neighbours taken together, in as large blocks as there are: the eight columns of one head are one row of eight. */
function inBlocks(indices: readonly number[], length: number) {
  for (let size = indices.length; size > 1; size--) {
    const blocks = length % size === 0 ? sameRows(indices, length, length / size) : undefined
    if (blocks !== undefined) return { indices: blocks, size }
  }
  return { indices, size: 1 }
}

export const takeKernels = { take, put, shift }
