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
