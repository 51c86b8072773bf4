import type { KernelCall, OpDef, Rows } from '../../ops/define.ts'

/** An op for some rows of its output alone: its attributes, and the rows it reads of each input (`null`: all of it). */
export interface RowsRead {
  readonly attrs: object
  readonly inputs: readonly (Rows | null)[]
}

/** How to compute these rows of an op's output alone; `undefined` where it cannot be done. */
export function readFor(op: OpDef, call: KernelCall<any>, { axis, indices }: Rows): RowsRead | undefined {
  const along = op.rowwise(call)[axis]
  const part = along
    ? { attrs: op.resize?.(call.attrs, axis, indices.length) ?? call.attrs, inputs: along }
    : op.takeRows?.(call, axis, indices)
  if (part === undefined) return undefined
  const inputs: (Rows | null)[] = []
  for (const [i, own] of part.inputs.entries()) {
    const rows = own === null ? null : sameRows(indices, call.shape[axis], call.inputs[i][own])
    if (rows === undefined) return undefined
    inputs.push(own === null || rows === null ? null : { axis: own, indices: rows })
  }
  return { attrs: part.attrs, inputs }
}

/**
 * Rows of an axis of one length as rows of an axis of another that holds the same in blocks: of 8 heads, head 3 is the
 * columns 24 to 31 of 64. `undefined` where they are not whole blocks.
 */
export function sameRows(indices: readonly number[], from: number, to: number): readonly number[] | undefined {
  if (to % from === 0) return indices.flatMap((row) => blockOf(row, to / from))
  if (from % to !== 0) return undefined
  const block = from / to
  const rows = indices.filter((_, i) => i % block === 0).map((first) => Math.floor(first / block))
  return rows.flatMap((row) => blockOf(row, block)).join() === indices.join() ? rows : undefined
}

function blockOf(row: number, length: number): number[] {
  return Array.from({ length }, (_, i) => row * length + i)
}
