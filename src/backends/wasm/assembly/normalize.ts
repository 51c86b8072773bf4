import { rowDot, rowShiftScale, rowSum } from './shared/rows'

/**
 * The forward map and, being its own transpose, its gradient for x.
 *
 * out   [rows, width] = (x − mean x) / scale; not centred: x / scale
 * x     [rows, width]
 * scale [rows]
 */
export function normalize(out: usize, x: usize, scale: usize, rows: i32, width: i32, center: i32): void {
  const step = <usize>width << 2
  for (let row = 0; row < rows; row++) {
    const mean: f32 = center ? rowSum(x, width) / <f32>width : 0
    rowShiftScale(out, x, width, mean, 1 / load<f32>(scale))
    out += step
    x += step
    scale += 4
  }
}

/**
 * out        [rows] = −Σ g · normalized / scale
 * normalized [rows, width]
 * scale      [rows]
 * g          [rows, width]
 */
export function normalizeVjpScale(out: usize, normalized: usize, scale: usize, g: usize, rows: i32, width: i32): void {
  const step = <usize>width << 2
  for (let row = 0; row < rows; row++) {
    store<f32>(out, -rowDot(g, normalized, width) / load<f32>(scale))
    out += 4
    normalized += step
    scale += 4
    g += step
  }
}
