import type { KernelCall } from '../../../ops/define.ts'
import { type CausalAttrs, queryOf } from '../../../ops/shared/causal.ts'
import type { Table } from './kernel.ts'

/** How many keys each query sees, [queries], of an op over [batch, head, query, key]. */
export function visibleKeys({ attrs, shape: [, , rows] }: KernelCall<CausalAttrs>): Table {
  const seen = Int32Array.from({ length: rows }, (_, row) => queryOf(attrs, row) + 1)
  return { key: `indices ${seen.join()}`, values: () => seen }
}
