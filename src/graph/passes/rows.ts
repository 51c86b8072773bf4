import { sameRows } from '../../core/blocks.ts'
import type { KernelCall, OpDef, Rows } from '../../ops/define.ts'
import { requireRowMap } from '../row-maps.ts'

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
  requireRowMap(op, call, axis, part.inputs)
  const inputs: (Rows | null)[] = []
  for (const [i, own] of part.inputs.entries()) {
    const rows = own === null ? null : sameRows(indices, call.shape[axis], call.inputs[i][own])
    if (rows === undefined) return undefined
    inputs.push(own === null || rows === null ? null : { axis: own, indices: rows })
  }
  return { attrs: part.attrs, inputs }
}
