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
  for (let b = 0; b < batch; b++) {
    let cosines = table
    let sines = table + <usize>length * row
    for (let position = 0; position < length; position++) {
      for (let head = 0; head < heads; head++) {
        for (let i: usize = 0; i < whole; i += 16) {
          const pairs = v128.load(x + i)
          const swapped = v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)
          const kept = f32x4.mul(pairs, v128.load(cosines + i))
          v128.store(out + i, multiplyAdd(swapped, v128.load(sines + i), kept))
        }
        if (width & 2) rotatePair(out + whole, x + whole, cosines + whole, sines + whole)
        out += row
        x += row
      }
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
