// 4 rows by 8 columns of a matmul, summed over the depth in registers.

import { TILE_COLUMNS } from './pack'

/**
 * out   [height ≤ 4, width ≤ 8], rows `outStride` apart
 * a     [height, depth], rows `aStride` apart
 * panel [depth, 8]
 * start [width], or 0
 */
export function tile(
  out: usize,
  outStride: i32,
  a: usize,
  aStride: i32,
  panel: usize,
  start: usize,
  height: i32,
  depth: i32,
  width: i32,
): void {
  const step = <usize>aStride << 2
  let a0 = a
  let a1 = height > 1 ? a0 + step : a0
  let a2 = height > 2 ? a1 + step : a1
  let a3 = height > 3 ? a2 + step : a2
  let c00 = startOf(start, width, 0)
  let c01 = startOf(start, width, 4)
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01
  let k = depth >> 2
  for (; k > 0; k--) {
    // Four steps of depth at a time: with constant offsets, an address costs nothing.
    let b0 = v128.load(panel), b1 = v128.load(panel, 16)
    let x = v128.load32_splat(a0)
    c00 = f32x4.add(c00, f32x4.mul(x, b0)), c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1)
    c10 = f32x4.add(c10, f32x4.mul(x, b0)), c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2)
    c20 = f32x4.add(c20, f32x4.mul(x, b0)), c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3)
    c30 = f32x4.add(c30, f32x4.mul(x, b0)), c31 = f32x4.add(c31, f32x4.mul(x, b1))

    b0 = v128.load(panel, 32), b1 = v128.load(panel, 48)
    x = v128.load32_splat(a0, 4)
    c00 = f32x4.add(c00, f32x4.mul(x, b0)), c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1, 4)
    c10 = f32x4.add(c10, f32x4.mul(x, b0)), c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2, 4)
    c20 = f32x4.add(c20, f32x4.mul(x, b0)), c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3, 4)
    c30 = f32x4.add(c30, f32x4.mul(x, b0)), c31 = f32x4.add(c31, f32x4.mul(x, b1))

    b0 = v128.load(panel, 64), b1 = v128.load(panel, 80)
    x = v128.load32_splat(a0, 8)
    c00 = f32x4.add(c00, f32x4.mul(x, b0)), c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1, 8)
    c10 = f32x4.add(c10, f32x4.mul(x, b0)), c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2, 8)
    c20 = f32x4.add(c20, f32x4.mul(x, b0)), c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3, 8)
    c30 = f32x4.add(c30, f32x4.mul(x, b0)), c31 = f32x4.add(c31, f32x4.mul(x, b1))

    b0 = v128.load(panel, 96), b1 = v128.load(panel, 112)
    x = v128.load32_splat(a0, 12)
    c00 = f32x4.add(c00, f32x4.mul(x, b0)), c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1, 12)
    c10 = f32x4.add(c10, f32x4.mul(x, b0)), c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2, 12)
    c20 = f32x4.add(c20, f32x4.mul(x, b0)), c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3, 12)
    c30 = f32x4.add(c30, f32x4.mul(x, b0)), c31 = f32x4.add(c31, f32x4.mul(x, b1))

    a0 += 16, a1 += 16, a2 += 16, a3 += 16
    panel += 128
  }
  for (k = depth & 3; k > 0; k--) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16)
    let x = v128.load32_splat(a0)
    c00 = f32x4.add(c00, f32x4.mul(x, b0)), c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1)
    c10 = f32x4.add(c10, f32x4.mul(x, b0)), c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2)
    c20 = f32x4.add(c20, f32x4.mul(x, b0)), c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3)
    c30 = f32x4.add(c30, f32x4.mul(x, b0)), c31 = f32x4.add(c31, f32x4.mul(x, b1))
    a0 += 4, a1 += 4, a2 += 4, a3 += 4
    panel += 32
  }
  storeTile(out, outStride, height, width, c00, c01, c10, c11, c20, c21, c30, c31)
}

/** Four of the `width` starting values from `from` on; zeros past the end or without a start. */
function startOf(start: usize, width: i32, from: i32): v128 {
  if (start == 0 || from >= width) return f32x4.splat(0)
  const p = start + (<usize>from << 2)
  if (width >= from + 4) return v128.load(p)
  let values = v128.load32_zero(p)
  if (width > from + 1) values = f32x4.replace_lane(values, 1, load<f32>(p, 4))
  if (width > from + 2) values = f32x4.replace_lane(values, 2, load<f32>(p, 8))
  return values
}

// @ts-ignore: decorator
@inline
function storeTile(
  out: usize,
  outStride: i32,
  height: i32,
  width: i32,
  c00: v128,
  c01: v128,
  c10: v128,
  c11: v128,
  c20: v128,
  c21: v128,
  c30: v128,
  c31: v128,
): void {
  const step = <usize>outStride << 2
  storeRow(out, width, c00, c01)
  if (height > 1) storeRow(out + step, width, c10, c11)
  if (height > 2) storeRow(out + step * 2, width, c20, c21)
  if (height > 3) storeRow(out + step * 3, width, c30, c31)
}

/** out [width ≤ 8] = the first lanes of low and high. */
// @ts-ignore: decorator
@inline
function storeRow(out: usize, width: i32, low: v128, high: v128): void {
  if (width == TILE_COLUMNS) {
    v128.store(out, low)
    v128.store(out, high, 16)
  } else storePart(out, width, low, high)
}

function storePart(out: usize, width: i32, low: v128, high: v128): void {
  if (width >= 4) {
    v128.store(out, low)
    out += 16
    width -= 4
    low = high
  }
  if (width > 0) v128.store_lane<f32>(out, low, 0)
  if (width > 1) v128.store_lane<f32>(out, low, 1, 4)
  if (width > 2) v128.store_lane<f32>(out, low, 2, 8)
}
