import { rowShiftScale, rowSquares, rowSum } from './shared/rows'

/**
 * out [rows] = √(mean (x − mean x)² + eps); not centred: √(mean x² + eps)
 * x   [rows, width]
 */
export function normScale(out: usize, x: usize, rows: i32, width: i32, eps: f32, center: i32): void {
  const share: f32 = 1 / <f32>width
  for (let row = 0; row < rows; row++) {
    const mean: f32 = center ? rowSum(x, width) * share : 0
    store<f32>(out, sqrt<f32>(rowSquares(x, width, mean) * share + eps))
    out += 4
    x += <usize>width << 2
  }
}

/**
 * out   [rows, width] = g (x − mean x) / (width · scale); not centred: g x / (width · scale)
 * x     [rows, width]
 * scale [rows]
 * g     [rows]
 */
export function normScaleVjp(out: usize, x: usize, scale: usize, g: usize, rows: i32, width: i32, center: i32): void {
  const size = <f32>width
  const step = <usize>width << 2
  for (let row = 0; row < rows; row++) {
    const mean: f32 = center ? rowSum(x, width) / size : 0
    rowShiftScale(out, x, width, mean, load<f32>(g) / (size * load<f32>(scale)))
    out += step
    x += step
    scale += 4
    g += 4
  }
}
