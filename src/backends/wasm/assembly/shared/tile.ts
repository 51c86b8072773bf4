// The inner loop of every matmul: 4 rows by 8 columns of the result, summed over the depth in registers.

import { copyRow } from './copy'
import { multiplyAdd } from './multiply-add'
import { TILE_COLUMNS, TILE_ROWS } from './pack'

/** Floats of working memory that {@link tileAt} needs: 4 rows of 8. */
export const TILE: i32 = TILE_ROWS * TILE_COLUMNS

/**
 * A tile that may lie over the edge. Rows past the end read the last row again; what lies outside is computed in
 * `spare` and left there.
 *
 * out   [height ≤ 4, width ≤ 8], rows `outStride` apart
 * a     [height, depth], rows `aStride` apart
 * panel [depth, 8]
 * start [8]
 * spare [4, 8]
 */
// @ts-ignore: decorator
@inline
export function tileAt(
  out: usize,
  outStride: i32,
  a: usize,
  aStride: i32,
  panel: usize,
  start: usize,
  spare: usize,
  height: i32,
  depth: i32,
  width: i32,
): void {
  const step = <usize>aStride << 2
  const outStep = <usize>outStride << 2
  if (height >= TILE_ROWS && width >= TILE_COLUMNS) {
    tile(out, outStep, a, a + step, a + step * 2, a + step * 3, panel, start, depth)
    return
  }
  const a1 = height > 1 ? a + step : a
  const a2 = height > 2 ? a1 + step : a1
  const a3 = height > 3 ? a2 + step : a2
  tile(spare, TILE_COLUMNS << 2, a, a1, a2, a3, panel, start, depth)
  for (let row: usize = 0; row < <usize>min(height, TILE_ROWS); row++) {
    copyRow(out + row * outStep, spare + row * (TILE_COLUMNS << 2), min(width, TILE_COLUMNS))
  }
}

/**
 * out    [4, 8] = start + a panel, rows `outStep` bytes apart
 * a0 … 3 [depth] each
 * panel  [depth, 8]
 * start  [8]
 */
function tile(
  out: usize,
  outStep: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  panel: usize,
  start: usize,
  depth: i32,
): void {
  let c00 = v128.load(start)
  let c01 = v128.load(start, 16)
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01
  // One step of depth a round: unrolled, V8 runs out of registers and the loop is half as fast.
  for (; depth > 0; depth--) {
    const b0 = v128.load(panel)
    const b1 = v128.load(panel, 16)
    let x = v128.load32_splat(a0)
    c00 = multiplyAdd(x, b0, c00)
    c01 = multiplyAdd(x, b1, c01)
    x = v128.load32_splat(a1)
    c10 = multiplyAdd(x, b0, c10)
    c11 = multiplyAdd(x, b1, c11)
    x = v128.load32_splat(a2)
    c20 = multiplyAdd(x, b0, c20)
    c21 = multiplyAdd(x, b1, c21)
    x = v128.load32_splat(a3)
    c30 = multiplyAdd(x, b0, c30)
    c31 = multiplyAdd(x, b1, c31)
    a0 += 4
    a1 += 4
    a2 += 4
    a3 += 4
    panel += 32
  }
  v128.store(out, c00)
  v128.store(out, c01, 16)
  v128.store(out + outStep, c10)
  v128.store(out + outStep, c11, 16)
  v128.store(out + outStep * 2, c20)
  v128.store(out + outStep * 2, c21, 16)
  v128.store(out + outStep * 3, c30)
  v128.store(out + outStep * 3, c31, 16)
}
