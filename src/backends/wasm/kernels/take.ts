import { type Shape, sizeOf } from '../../../core/shape.ts'
import type { Kernel, Table } from './kernel.ts'

interface TakeAttrs {
  readonly axis: number
  readonly indices: readonly number[]
}

const take: Kernel<TakeAttrs> = {
  table: ({ attrs: { indices } }) => indexTable(indices),
  bind({ take }, { out, inputs: [x], table }, { attrs: { axis, indices }, inputs: [from] }) {
    const [outer, inner] = around(from, axis)
    const [count, length] = [indices.length, from[axis]]
    return () => take(out, x, table, outer, count, length, inner)
  },
}

const put: Kernel<TakeAttrs & { readonly length: number }> = {
  table: ({ attrs: { indices } }) => indexTable(indices),
  bind({ takeVjp }, { out, inputs: [x], table }, { attrs: { axis, indices, length }, inputs: [from] }) {
    const [outer, inner] = around(from, axis)
    const count = indices.length
    return () => takeVjp(out, x, table, outer, count, length, inner)
  },
}

/** How many elements there are before and after an axis. */
function around(shape: Shape, axis: number): [outer: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))]
}

function indexTable(indices: readonly number[]): Table {
  return { key: `indices ${indices.join()}`, values: () => Int32Array.from(indices) }
}

export const takeKernels = { take, put }
