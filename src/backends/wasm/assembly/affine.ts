import { loadPart, storePart } from './shared/lanes'

/**
 * out, x [rows, width]
 * w      [width]
 * b      [width], or 0 for none
 */
export function affine(out: usize, x: usize, w: usize, b: usize, rows: i32, width: i32): void {
  const whole = width & ~3
  const rest = width & 3
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < <usize>whole << 2; i += 16) {
      let y = f32x4.mul(v128.load(x + i), v128.load(w + i))
      if (b) y = f32x4.add(y, v128.load(b + i))
      v128.store(out + i, y)
    }
    const end = <usize>whole << 2
    if (rest) {
      let y = f32x4.mul(loadPart(x + end, rest), loadPart(w + end, rest))
      if (b) y = f32x4.add(y, loadPart(b + end, rest))
      storePart(out + end, y, rest)
    }
    out += <usize>width << 2
    x += <usize>width << 2
  }
}

/**
 * out  [width] = Σ over rows of x · g
 * x, g [rows, width]
 */
export function affineVjpWeight(out: usize, x: usize, g: usize, rows: i32, width: i32): void {
  const step = <usize>width << 2
  let column = 0
  for (; column + 8 <= width; column += 8) {
    let low = f32x4.splat(0)
    let high = f32x4.splat(0)
    let at = <usize>column << 2
    for (let row = 0; row < rows; row++) {
      low = f32x4.add(low, f32x4.mul(v128.load(x + at), v128.load(g + at)))
      high = f32x4.add(high, f32x4.mul(v128.load(x + at, 16), v128.load(g + at, 16)))
      at += step
    }
    v128.store(out, low)
    v128.store(out, high, 16)
    out += 32
  }
  for (; column < width; column++) {
    let sum: f32 = 0
    let at = <usize>column << 2
    for (let row = 0; row < rows; row++) {
      sum += load<f32>(x + at) * load<f32>(g + at)
      at += step
    }
    store<f32>(out, sum)
    out += 4
  }
}
