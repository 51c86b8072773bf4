import type { KernelCall } from '../define.ts'

/** Attributes of an op in which a query sees no later key. */
interface CausalAttrs {
  /** Which query each row is; default 0, 1, 2, … */
  readonly queries?: readonly number[]
}

export function queryOf({ queries }: CausalAttrs, row: number): number {
  return queries?.[row] ?? row
}

/** Some queries alone (axis 2), told which they are. */
export function rowsOfQueries<Attrs extends CausalAttrs>(
  { attrs }: KernelCall<Attrs>,
  axis: number,
  indices: readonly number[],
) {
  if (axis !== 2) return undefined
  return { attrs: { ...attrs, queries: indices.map((row) => queryOf(attrs, row)) }, inputs: [2] }
}
