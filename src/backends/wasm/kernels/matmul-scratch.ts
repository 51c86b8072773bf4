export const FLOAT_BYTES = 4

// As in assembly/linear.ts.
const PANEL = 8
const STRIP = 4
/** Where each column starts, and a tile for what lies over the edge. */
const HEADER = PANEL + STRIP * PANEL

/** Bytes of working memory of `matmul`. */
export function matmulScratch(depth: number): number {
  return (HEADER + depth * PANEL) * FLOAT_BYTES
}

/** Bytes of working memory of `matmulTransposedA`. */
export function matmulTransposedAScratch(rows: number, columns: number): number {
  return (HEADER + rows * (STRIP + Math.ceil(columns / PANEL) * PANEL)) * FLOAT_BYTES
}
