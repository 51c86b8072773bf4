// Matrix products, all row-major, in tiles of 4 rows by 8 columns of the result that stay in registers.
//
// B is first copied into panels of 8 columns, [depth][8], the last one padded with zeros: the inner loop then reads it
// in order whatever its width, and a transposed B costs no more than a plain one.

import { copyRow } from './shared/copy'
import { packColumns, packPanel, packStrip, TILE_COLUMNS, TILE_ROWS } from './shared/pack'
import { TILE, tileAt } from './shared/tile'

/**
 * out = bias + A B
 *
 * out  [rows, columns], rows `outStride` apart
 * a    [rows, depth], rows `aStride` apart
 * b    [depth, columns], dense; `transposed`: [columns, depth]
 * bias [columns], or 0 for none
 * scratch: start [8], spare tile [4, 8], panel [depth, 8]
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
  const start = scratch
  const spare = start + (TILE_COLUMNS << 2)
  const panel = spare + (TILE << 2)
  memory.fill(start, 0, TILE_COLUMNS << 2)
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const width = columns - column
    if (bias) copyRow(start, bias + (<usize>column << 2), min(width, TILE_COLUMNS))
    if (transposed) packColumns(panel, b + (<usize>(column * depth) << 2), depth, width)
    else packPanel(panel, b + (<usize>column << 2), columns, depth, width)
    let to = out + (<usize>column << 2)
    let from = a
    for (let row = 0; row < rows; row += TILE_ROWS) {
      tileAt(to, outStride, from, aStride, panel, start, spare, rows - row, depth, width)
      to += <usize>(outStride * TILE_ROWS) << 2
      from += <usize>(aStride * TILE_ROWS) << 2
    }
  }
}

/**
 * out = Aᵀ B, summed over rows.
 *
 * out [aColumns, columns]
 * a   [rows, aColumns], rows `aStride` apart
 * b   [rows, columns], rows `bStride` apart
 * scratch: start [8], spare tile [4, 8], strip [4, rows], panels [columns / 8 rounded up, rows, 8]
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
  const start = scratch
  const spare = start + (TILE_COLUMNS << 2)
  const strip = spare + (TILE << 2)
  const panels = strip + <usize>rows * (TILE_ROWS << 2)
  const panelBytes = <usize>rows * (TILE_COLUMNS << 2)
  memory.fill(start, 0, TILE_COLUMNS << 2)
  let panel = panels
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    packPanel(panel, b + (<usize>column << 2), bStride, rows, columns - column)
    panel += panelBytes
  }
  for (let row = 0; row < aColumns; row += TILE_ROWS) {
    const height = aColumns - row
    packStrip(strip, a + (<usize>row << 2), aStride, rows, height)
    let to = out + (<usize>(row * columns) << 2)
    panel = panels
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      tileAt(to, columns, strip, rows, panel, start, spare, height, rows, columns - column)
      to += TILE_COLUMNS << 2
      panel += panelBytes
    }
  }
}
