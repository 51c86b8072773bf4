import { multiplyAdd } from './shared/multiply-add'

/**
 * Turns each pair of neighbours: out = x · cos + swapped x · sin, where the table holds each cosine twice, and each
 * sine as −sin and sin.
 *
 * out, x [batch, length, heads, width], width even
 * table  cosines [length, width], then sines [length, width]
 */
export function rotary(out: usize, x: usize, table: usize, batch: i32, length: i32, heads: i32, width: i32): void {
  const row = <usize>width << 2
  const whole = <usize>(width & ~3) << 2
  const position = <usize>heads * row
  for (let b = 0; b < batch; b++) {
    let cosines = table
    let sines = table + <usize>length * row
    for (let n = 0; n < length; n++) {
      // All heads turn alike: one reading of the table for all.
      for (let i: usize = 0; i < whole; i += 16) {
        const cosine = v128.load(cosines + i)
        const sine = v128.load(sines + i)
        for (let head: usize = 0; head < position; head += row) {
          const pairs = v128.load(x + head + i)
          const swapped = v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)
          v128.store(out + head + i, multiplyAdd(swapped, sine, f32x4.mul(pairs, cosine)))
        }
      }
      if (width & 2) {
        for (let at = whole; at < position; at += row) rotatePair(out + at, x + at, cosines + whole, sines + whole)
      }
      out += position
      x += position
      cosines += row
      sines += row
    }
  }
}

/** out, x, cosines, sines [2] */
function rotatePair(out: usize, x: usize, cosines: usize, sines: usize): void {
  const first = load<f32>(x)
  const second = load<f32>(x, 4)
  store<f32>(out, first * load<f32>(cosines) + second * load<f32>(sines))
  store<f32>(out, second * load<f32>(cosines, 4) + first * load<f32>(sines, 4), 4)
}
