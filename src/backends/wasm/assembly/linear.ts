// C = start + A B, all row-major, in tiles of 4 rows by 8 columns of C that stay in registers.
//
// B is first copied into panels of 8 columns, [k][8], the last one padded with zeros: the inner loop then reads it
// in order whatever its width, and a transposed B costs no more than a plain one. A row past the end of A reads the
// last row again and is not stored, so every size goes through the one tile.

import { packColumns, packPanel, packStrip, TILE_COLUMNS, TILE_ROWS } from './shared/pack'
import { tile } from './shared/tile'

/**
 * out  [rows, columns], rows `outStride` apart
 * a    [rows, depth], rows `aStride` apart
 * b    [depth, columns], dense; `transposed`: [columns, depth]
 * bias [columns], or 0 for none
 * scratch [depth, 8]
 */
export function matmul(
  out: usize,
  outStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  transposed: i32,
  bias: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scratch: usize,
): void {
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, columns - column)
    if (transposed) packColumns(scratch, b + ((<usize>column * depth) << 2), depth, width)
    else packPanel(scratch, b + (<usize>column << 2), columns, depth, width)
    const start = bias == 0 ? 0 : bias + (<usize>column << 2)
    for (let row = 0; row < rows; row += TILE_ROWS) {
      tile(
        out + ((<usize>row * outStride + column) << 2),
        outStride,
        a + ((<usize>row * aStride) << 2),
        aStride,
        scratch,
        start,
        min(TILE_ROWS, rows - row),
        depth,
        width,
      )
    }
  }
}

/**
 * out = Aᵀ B, summed over rows.
 *
 * out [aColumns, columns]
 * a   [rows, aColumns], rows `aStride` apart
 * b   [rows, columns], rows `bStride` apart
 * scratch rows × (4 + columns rounded up to 8)
 */
export function matmulTransposedA(
  out: usize,
  a: usize,
  aStride: i32,
  b: usize,
  bStride: i32,
  rows: i32,
  aColumns: i32,
  columns: i32,
  scratch: usize,
): void {
  const strip = scratch
  const panels = scratch + (<usize>rows << 4)
  const panelBytes = <usize>rows << 5
  let panel = panels
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    packPanel(panel, b + (<usize>column << 2), bStride, rows, min(TILE_COLUMNS, columns - column))
    panel += panelBytes
  }
  for (let row = 0; row < aColumns; row += TILE_ROWS) {
    const height = min(TILE_ROWS, aColumns - row)
    packStrip(strip, a + (<usize>row << 2), aStride, rows, height)
    panel = panels
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const width = min(TILE_COLUMNS, columns - column)
      tile(out + ((<usize>row * columns + column) << 2), columns, strip, rows, panel, 0, height, rows, width)
      panel += panelBytes
    }
  }
}
