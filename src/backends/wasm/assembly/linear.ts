// Matrix products, all row-major, in tiles of 5 rows by 8 columns of the result that stay in registers.
//
// Both factors are first copied into the order in which the tiles read them: B into panels of 8 columns, [depth][8], and
// A into strips of 5 rows, [depth][5], the last ones padded. The inner loop then reads two streams in order, whatever the
// widths, and a transposed factor costs no more than a plain one.

import { copyRow } from './shared/copy'
import { packColumns, packPanel, packRows, packStrip, TILE_COLUMNS, TILE_ROWS } from './shared/pack'
import { TILE, tileAt } from './shared/tile'

/** Rows of A that are packed at a time: enough to share the packing of B, few enough to stay in the cache. */
const BLOCK_ROWS: i32 = 160

/**
 * out = bias + A B
 *
 * out  [rows, columns], rows `outStride` apart
 * a    [rows, depth], rows `aStride` apart
 * b    [depth, columns], dense; `transposed`: [columns, depth]
 * bias [columns], or 0 for none
 * scratch: start [8], spare tile [5, 8], panel [depth, 8], strips [a block's rows / 5 rounded up, depth, 5]
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
  const strips = panel + <usize>depth * (TILE_COLUMNS << 2)
  memory.fill(start, 0, TILE_COLUMNS << 2)
  for (; rows > 0; rows -= BLOCK_ROWS) {
    const height = min(rows, BLOCK_ROWS)
    packBlock(strips, a, aStride, depth, height)
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const width = columns - column
      if (bias) copyRow(start, bias + (<usize>column << 2), min(width, TILE_COLUMNS))
      if (transposed) packColumns(panel, b + (<usize>(column * depth) << 2), depth, width)
      else packPanel(panel, b + (<usize>column << 2), columns, depth, width)
      multiplyBlock(out + (<usize>column << 2), outStride, strips, panel, start, spare, height, depth, width)
    }
    out += <usize>(outStride * BLOCK_ROWS) << 2
    a += <usize>(aStride * BLOCK_ROWS) << 2
  }
}

/** strips [height / 5 rounded up, depth, 5] = a [height, depth], rows `stride` apart. */
function packBlock(strips: usize, a: usize, stride: i32, depth: i32, height: i32): void {
  for (; height > 0; height -= TILE_ROWS) {
    packRows(strips, a, stride, depth, height)
    strips += <usize>depth * (TILE_ROWS << 2)
    a += <usize>(stride * TILE_ROWS) << 2
  }
}

/** out [height, width ≤ 8] = start + strips panel, rows `outStride` apart. */
function multiplyBlock(
  out: usize,
  outStride: i32,
  strips: usize,
  panel: usize,
  start: usize,
  spare: usize,
  height: i32,
  depth: i32,
  width: i32,
): void {
  for (; height > 0; height -= TILE_ROWS) {
    tileAt(out, outStride, strips, panel, start, spare, height, depth, width)
    out += <usize>(outStride * TILE_ROWS) << 2
    strips += <usize>depth * (TILE_ROWS << 2)
  }
}

/**
 * out = Aᵀ B, summed over rows.
 *
 * out [aColumns, columns]
 * a   [rows, aColumns], rows `aStride` apart
 * b   [rows, columns], rows `bStride` apart
 * scratch: start [8], spare tile [5, 8], strip [rows, 5], panels [columns / 8 rounded up, rows, 8]
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
      tileAt(to, columns, strip, panel, start, spare, height, rows, columns - column)
      to += TILE_COLUMNS << 2
      panel += panelBytes
    }
  }
}
