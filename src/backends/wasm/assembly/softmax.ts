import { loadPart, storePart } from './shared/lanes'
import { exp4 } from './shared/math'
import { rowDot, rowMax, rowShiftScale, rowSum } from './shared/rows'

/** Rows are taken in groups of about this many floats, so that all three passes over a group stay in the cache. */
const GROUP: i32 = 2048

/** out, x [rows, width], rows that sum to 1. */
export function softmax(out: usize, x: usize, rows: i32, width: i32): void {
  const step = <usize>width << 2
  const groupRows = max(1, GROUP / width)
  while (rows > 0) {
    const height = min(groupRows, rows)
    let row = out
    for (let i = 0; i < height; i++) {
      rowShiftScale(row, x, width, rowMax(x, width), 1)
      row += step
      x += step
    }
    // Over the group as a whole: rows are often shorter than four.
    expInPlace(out, height * width)
    for (let i = 0; i < height; i++) {
      rowShiftScale(out, out, width, 0, 1 / rowSum(out, width))
      out += step
    }
    rows -= height
  }
}

/** x [n] = exp x */
function expInPlace(x: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(x, exp4(v128.load(x)))
    x += 16
  }
  if (n > 0) storePart(x, exp4(loadPart(x, n)), n)
}

/**
 * out  [rows, width] = y (g − Σ g y)
 * y, g [rows, width]
 */
export function softmaxVjp(out: usize, y: usize, g: usize, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++) {
    const dot = rowDot(g, y, width)
    const dots = f32x4.splat(dot)
    let n = width
    for (; n >= 4; n -= 4) {
      v128.store(out, f32x4.mul(v128.load(y), f32x4.sub(v128.load(g), dots)))
      out += 16
      y += 16
      g += 16
    }
    for (; n > 0; n--) {
      store<f32>(out, load<f32>(y) * (load<f32>(g) - dot))
      out += 4
      y += 4
      g += 4
    }
  }
}
