export const FLOAT_BYTES = 4

// As in assembly/linear.ts.
const PANEL = 8
const STRIP = 5
const BLOCK_ROWS = 160
/** Where each column starts, and a tile for what lies over the edge. */
const HEADER = PANEL + STRIP * PANEL

/** Bytes of working memory of `matmul`. */
export function matmulScratch(rows: number, depth: number): number {
  const strips = Math.ceil(Math.min(rows, BLOCK_ROWS) / STRIP)
  return (HEADER + rows + depth * (PANEL + strips * STRIP)) * FLOAT_BYTES
}

/** Bytes of working memory of `matmulTransposedA`. */
export function matmulTransposedAScratch(rows: number, columns: number): number {
  return (HEADER + rows + rows * (STRIP + Math.ceil(columns / PANEL) * PANEL)) * FLOAT_BYTES
}
