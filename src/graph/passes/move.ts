import { sameRows } from '../../core/blocks.ts'
import type { KernelCall, OpDef, Rows } from '../../ops/define.ts'
import { axesOf } from '../axes.ts'

// Moves a mover of rows past an op, up or down, as the op's loops allow. It knows no op and builds no node: passes decide
// what is worth moving, and when.

/** An op on a part of its inputs: its attributes, and the rows of each input (`null`: all of it). */
export interface Part {
  readonly attrs: object
  readonly inputs: readonly (Rows | null)[]
}

/** take(op(x, w)) = op(take(x), w): these rows of the output alone; `undefined` where they depend on others. */
export function takeUp(op: OpDef, call: KernelCall<any>, { axis, indices }: Rows): Part | undefined {
  const loop = axesOf(op, call).output[axis]
  if (loop === null) return undefined
  const inputs: (Rows | null)[] = []
  for (const [i, own] of loop.over.entries()) {
    const rows = own === null ? [] : sameRows(indices, call.shape[axis], call.inputs[i][own])
    if (rows === undefined) return undefined
    inputs.push(own === null ? null : { axis: own, indices: rows })
  }
  return { attrs: loop.attrs?.(call.attrs, indices) ?? call.attrs, inputs }
}

/** Where rows of an output stand among zeros. */
export interface Placed extends Rows {
  readonly length: number
}

/**
 * op(put(x), w) = put(op(x, take(w))), where the op is linear in input `i`; where it sums over the rows, no zeros are left
 * to put. `undefined` where it needs the zeros.
 */
export function putDown(
  op: OpDef,
  call: KernelCall<any>,
  i: number,
  { axis, indices }: Rows,
): (Part & { readonly put?: Placed }) | undefined {
  const { output, summed = [], linear = [] } = axesOf(op, call)
  const over = summed.find((axes) => axes[i] === axis)
  if (over) return { attrs: call.attrs, inputs: over.map((own) => (own === null ? null : { axis: own, indices })) }
  if (!linear.includes(i)) return undefined
  for (const [own, loop] of output.entries()) {
    if (loop?.over[i] !== axis) continue
    const rows = sameRows(indices, call.inputs[i][axis], call.shape[own])
    const part = rows && takeUp(op, call, { axis: own, indices: rows })
    if (part) return { ...part, put: { axis: own, indices: rows, length: call.shape[own] } }
  }
  return undefined
}

/**
 * op(T[ids], w) = op(T, w)[ids]: the op where its first axes, those of the ids, have other `lengths`, and by input whether
 * it has these axes. `undefined` where the op mixes the rows that are looked up, or asks which they are.
 */
export function gatherDown(op: OpDef, call: KernelCall<any>, lengths: readonly number[]) {
  const loops = axesOf(op, call).output.slice(0, lengths.length)
  if (loops.length < lengths.length || loops.some((loop) => loop === null || loop.placed)) return undefined
  const holds = call.inputs.map((shape, i) =>
    loops.every((loop, axis) => loop?.over[i] === axis && shape[axis] === call.shape[axis]),
  )
  if (!holds.every((all, i) => all || loops.every((loop) => loop?.over[i] === null))) return undefined
  const attrs = loops.reduce<object>(
    (sized, loop, axis) => loop?.attrs?.(sized, [...Array(lengths[axis]).keys()]) ?? sized,
    call.attrs,
  )
  return { attrs, holds }
}
