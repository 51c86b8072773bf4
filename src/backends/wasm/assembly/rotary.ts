// Turns pairs of dimensions of every head. A table has, for each position, a cosine and a sine for every dimension that turns;
// the sine of the first of a pair is negated. The dimensions behind those that turn stay as they are.

import { copyRow } from './shared/copy'
import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd, subtractProduct } from './shared/multiply-add'

/**
 * Pairs of neighbours, or, if `halves`, of one in each half of the dimensions that turn.
 *
 * out, x [batch, length, heads, width]
 * table  cosines [length, dims], then sines [length, dims], dims even
 */
export function rotary(
  out: usize,
  x: usize,
  table: usize,
  batch: i32,
  length: i32,
  heads: i32,
  width: i32,
  dims: i32,
  halves: i32,
): void {
  const row = <usize>width << 2
  const position = <usize>heads * row
  const turning = <usize>dims << 2
  const whole = turning & ~15
  let to = out
  let from = x
  for (let b = 0; b < batch; b++) {
    let cosines = table
    let sines = table + <usize>length * turning
    for (let n = 0; n < length; n++) {
      if (halves) turnHalves(to, from, cosines, sines, position, row, dims >> 1)
      else turnNeighbours(to, from, cosines, sines, position, row, whole, dims & 2)
      to += position
      from += position
      cosines += turning
      sines += turning
    }
  }
  if (dims == width) return
  for (let at = turning; at < <usize>(batch * length) * position; at += row) copyRow(out + at, x + at, width - dims)
}

// All heads turn alike: one reading of the table for all.

/** out, x: a position, in rows of one head each; cosines, sines: `whole` bytes of fours, and perhaps another pair. */
// @ts-ignore: decorator
@inline
function turnNeighbours(
  out: usize,
  x: usize,
  cosines: usize,
  sines: usize,
  position: usize,
  row: usize,
  whole: usize,
  pair: i32,
): void {
  for (let i: usize = 0; i < whole; i += 16) {
    const cosine = v128.load(cosines + i)
    const sine = v128.load(sines + i)
    for (let head: usize = 0; head < position; head += row) {
      const pairs = v128.load(x + head + i)
      const swapped = v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)
      v128.store(out + head + i, multiplyAdd(swapped, sine, f32x4.mul(pairs, cosine)))
    }
  }
  if (pair) {
    for (let at = whole; at < position; at += row) rotatePair(out + at, x + at, cosines + whole, sines + whole)
  }
}

/** out, x, cosines, sines [2] */
function rotatePair(out: usize, x: usize, cosines: usize, sines: usize): void {
  const first = load<f32>(x)
  const second = load<f32>(x, 4)
  store<f32>(out, first * load<f32>(cosines) + second * load<f32>(sines))
  store<f32>(out, second * load<f32>(cosines, 4) + first * load<f32>(sines, 4), 4)
}

/** As {@link turnNeighbours}, of dimensions `half` apart. */
function turnHalves(
  out: usize,
  x: usize,
  cosines: usize,
  sines: usize,
  position: usize,
  row: usize,
  half: i32,
): void {
  const apart = <usize>half << 2
  for (; half >= 4; half -= 4) {
    const cosine = v128.load(cosines)
    const sine = v128.load(sines + apart)
    for (let head: usize = 0; head < position; head += row) {
      const first = v128.load(x + head)
      const second = v128.load(x + head + apart)
      v128.store(out + head, subtractProduct(f32x4.mul(first, cosine), second, sine))
      v128.store(out + head + apart, multiplyAdd(first, sine, f32x4.mul(second, cosine)))
    }
    out += 16
    x += 16
    cosines += 16
    sines += 16
  }
  if (half == 0) return
  const cosine = loadPart(cosines, half)
  const sine = loadPart(sines + apart, half)
  for (let head: usize = 0; head < position; head += row) {
    const first = loadPart(x + head, half)
    const second = loadPart(x + head + apart, half)
    storePart(out + head, subtractProduct(f32x4.mul(first, cosine), second, sine), half)
    storePart(out + head + apart, multiplyAdd(first, sine, f32x4.mul(second, cosine)), half)
  }
}
