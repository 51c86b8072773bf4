import type { KernelCall } from '../../../ops/define.ts'
import type { Table } from './kernel.ts'

/** Attributes of an op in which a query sees no later key. */
export interface CausalAttrs {
  readonly queries?: readonly number[]
}

/** How many keys each query sees, [queries], of an op over [batch, head, query, key]. */
export function visibleKeys({ attrs: { queries }, shape: [, , rows] }: KernelCall<CausalAttrs>): Table {
  const seen = Int32Array.from({ length: rows }, (_, row) => (queries?.[row] ?? row) + 1)
  return { key: `indices ${seen.join()}`, values: () => seen }
}
