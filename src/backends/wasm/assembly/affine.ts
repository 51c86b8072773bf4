import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'

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
      const values = v128.load(x + i)
      const slopes = v128.load(w + i)
      v128.store(out + i, b ? multiplyAdd(values, slopes, v128.load(b + i)) : f32x4.mul(values, slopes))
    }
    const end = <usize>whole << 2
    if (rest) {
      const values = loadPart(x + end, rest)
      const slopes = loadPart(w + end, rest)
      const y = b ? multiplyAdd(values, slopes, loadPart(b + end, rest)) : f32x4.mul(values, slopes)
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
      low = multiplyAdd(v128.load(x + at), v128.load(g + at), low)
      high = multiplyAdd(v128.load(x + at, 16), v128.load(g + at, 16), high)
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
