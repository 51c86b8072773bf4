// The inner loop of every matmul: 5 rows by 8 columns of the result, summed over the depth in registers.

import { copyRow } from './copy'
import { multiplyAdd } from './multiply-add'
import { TILE_COLUMNS, TILE_ROWS } from './pack'

/** Floats of working memory that {@link tileAt} needs: 5 rows of 8. */
export const TILE: i32 = TILE_ROWS * TILE_COLUMNS

/**
 * A tile that may lie over the edge: what is outside is computed in `spare` and left there.
 *
 * out   [height, width] or the first 5 by 8 of it, rows `outStride` apart
 * strip [depth, 5]
 * panel [depth, 8]
 * start [8]
 * spare [5, 8]
 */
// @ts-ignore: decorator
@inline
export function tileAt(
  out: usize,
  outStride: i32,
  strip: usize,
  panel: usize,
  start: usize,
  spare: usize,
  height: i32,
  depth: i32,
  width: i32,
): void {
  const outStep = <usize>outStride << 2
  if (height >= TILE_ROWS && width >= TILE_COLUMNS) {
    tile(out, outStep, strip, panel, start, depth)
    return
  }
  tile(spare, TILE_COLUMNS << 2, strip, panel, start, depth)
  for (let row: usize = 0; row < <usize>min(height, TILE_ROWS); row++) {
    copyRow(out + row * outStep, spare + row * (TILE_COLUMNS << 2), min(width, TILE_COLUMNS))
  }
}

/**
 * out   [5, 8] = start + stripᵀ panel, rows `outStep` bytes apart
 * strip [depth, 5]
 * panel [depth, 8]
 * start [8]
 */
function tile(out: usize, outStep: usize, strip: usize, panel: usize, start: usize, depth: i32): void {
  let c00 = v128.load(start)
  let c01 = v128.load(start, 16)
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01
  // Ten sums keep the adders busy while one addition is under way; two more, or two steps of depth a round, and V8 runs
  // out of registers: the loop is half as fast.
  for (; depth > 0; depth--) {
    const b0 = v128.load(panel)
    const b1 = v128.load(panel, 16)
    let x = v128.load32_splat(strip)
    c00 = multiplyAdd(x, b0, c00)
    c01 = multiplyAdd(x, b1, c01)
    x = v128.load32_splat(strip, 4)
    c10 = multiplyAdd(x, b0, c10)
    c11 = multiplyAdd(x, b1, c11)
    x = v128.load32_splat(strip, 8)
    c20 = multiplyAdd(x, b0, c20)
    c21 = multiplyAdd(x, b1, c21)
    x = v128.load32_splat(strip, 12)
    c30 = multiplyAdd(x, b0, c30)
    c31 = multiplyAdd(x, b1, c31)
    x = v128.load32_splat(strip, 16)
    c40 = multiplyAdd(x, b0, c40)
    c41 = multiplyAdd(x, b1, c41)
    strip += TILE_ROWS << 2
    panel += TILE_COLUMNS << 2
  }
  v128.store(out, c00)
  v128.store(out, c01, 16)
  v128.store(out + outStep, c10)
  v128.store(out + outStep, c11, 16)
  v128.store(out + outStep * 2, c20)
  v128.store(out + outStep * 2, c21, 16)
  v128.store(out + outStep * 3, c30)
  v128.store(out + outStep * 3, c31, 16)
  v128.store(out + outStep * 4, c40)
  v128.store(out + outStep * 4, c41, 16)
}
