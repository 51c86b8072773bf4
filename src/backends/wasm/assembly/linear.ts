// Matrix products, all row-major, in tiles of 5 rows by 8 columns of the result that stay in registers.
//
// Both factors are first copied into the order in which the tiles read them: B into panels of 8 columns, [depth][8], and
// A into strips of 5 rows, [depth][5], the last ones padded. The inner loop then reads two streams in order, whatever the
// widths, and a transposed factor costs no more than a plain one. Rows of zeros are left out: their products with
// infinity or NaN are zero here.

import { copyRow } from './shared/copy'
import { liveRows, spreadRows } from './shared/live-rows'
import { packColumns, packPanel, packPanels, packRows, packStrip, TILE_COLUMNS, TILE_ROWS } from './shared/pack'
import { TILE, tileAt } from './shared/tile'

/** Rows of A that are packed at a time: enough to share the packing of B, few enough to stay in the cache. */
const BLOCK_ROWS: i32 = 160

/**
 * out = bias + A B
 *
 * out  [rows, columns], rows `outStride` apart
 * a    [rows, depth], rows `aStride` apart
 * b    [depth, columns], rows `bStride` apart; `transposed`: [columns, depth]
 * bias [columns], or 0 for none
 * scratch: start [8], spare tile [5, 8], live [rows] i32, panel [depth, 8], strips [a block's rows / 5 rounded up, depth, 5]
 */
export function matmul(
  out: usize,
  outStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  bStride: i32,
  transposed: i32,
  bias: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  scratch: usize,
): void {
  const start = scratch
  const spare = start + (TILE_COLUMNS << 2)
  const live = spare + (TILE << 2)
  const panel = live + (<usize>rows << 2)
  const strips = panel + <usize>depth * (TILE_COLUMNS << 2)
  memory.fill(start, 0, TILE_COLUMNS << 2)
  const count = liveRows(live, a, aStride, rows, depth)
  let to = out
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const height = min(count - first, BLOCK_ROWS)
    packBlock(strips, a, aStride, live + (<usize>first << 2), depth, height)
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const width = columns - column
      if (bias) copyRow(start, bias + (<usize>column << 2), min(width, TILE_COLUMNS))
      if (transposed) packColumns(panel, b + (<usize>(column * bStride) << 2), bStride, depth, width)
      else packPanel(panel, b + (<usize>column << 2), bStride, depth, width)
      multiplyBlock(to + (<usize>column << 2), outStride, strips, panel, start, spare, height, depth, width)
    }
    to += <usize>(outStride * BLOCK_ROWS) << 2
  }
  if (count < rows) spreadRows(out, outStride, live, count, rows, columns, bias)
}

/** strips [height / 5 rounded up, depth, 5] = the rows live [height] of a [.., depth], rows `stride` apart. */
function packBlock(strips: usize, a: usize, stride: i32, live: usize, depth: i32, height: i32): void {
  for (; height > 0; height -= TILE_ROWS) {
    packRows(strips, a, stride, live, depth, height)
    strips += <usize>depth * (TILE_ROWS << 2)
    live += TILE_ROWS << 2
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
 * out [aColumns, columns], rows `outStride` apart
 * a   [rows, aColumns], rows `aStride` apart
 * b   [rows, columns], rows `bStride` apart
 * scratch: start [8], spare tile [5, 8], live [rows] i32, strip [rows, 5], panels [columns / 8 rounded up, rows, 8]
 */
export function matmulTransposedA(
  out: usize,
  outStride: i32,
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
  const live = spare + (TILE << 2)
  const strip = live + (<usize>rows << 2)
  const panels = strip + <usize>rows * (TILE_ROWS << 2)
  memory.fill(start, 0, TILE_COLUMNS << 2)
  const depth = liveRows(live, b, bStride, rows, columns)
  const panelBytes = <usize>depth * (TILE_COLUMNS << 2)
  packPanels(panels, b, bStride, live, depth, columns)
  for (let row = 0; row < aColumns; row += TILE_ROWS) {
    const height = aColumns - row
    packStrip(strip, a + (<usize>row << 2), aStride, live, depth, height)
    let to = out + (<usize>(row * outStride) << 2)
    let panel = panels
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      tileAt(to, outStride, strip, panel, start, spare, height, depth, columns - column)
      to += TILE_COLUMNS << 2
      panel += panelBytes
    }
  }
}
