import { multiplyAdd } from './shared/multiply-add'

/** Sums of so many products are worth a look at which of them are zero. */
const LONG: i32 = 16

/**
 * out [batch, n, heads, width] = scale Σ_m p · v
 * p   [batch, heads, n, m], or [batch, heads, m, n] when `transposed`
 * v   [batch, m, heads, width]
 */
export function attentionMix(
  out: usize,
  p: usize,
  v: usize,
  batch: i32,
  heads: i32,
  n: i32,
  m: i32,
  width: i32,
  scale: f32,
  transposed: i32,
): void {
  const head = <usize>width << 2
  const position = <usize>heads * head
  const along = transposed ? <usize>n << 2 : 4
  const down = transposed ? 4 : <usize>m << 2
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const from = v + <usize>h * head
      let to = out + <usize>h * head
      let weights = p
      let rows = n
      for (; rows >= 4; rows -= 4) {
        fourMixes(to, position, weights, down, along, from, position, m, width, scale)
        weights += down << 2
        to += position << 2
      }
      for (; rows > 0; rows--) {
        oneMix(to, weights, along, from, position, m, width, scale)
        weights += down
        to += position
      }
      p += <usize>(n * m) << 2
    }
    out += <usize>n * position
    v += <usize>m * position
  }
}

/**
 * Four rows of out, `outStep` bytes apart: each [width] = scale Σ weight · v [m, width]. Weights of one row lie `along`,
 * those of the next row `down` bytes apart, rows of v `step`.
 */
function fourMixes(
  out: usize,
  outStep: usize,
  weights: usize,
  down: usize,
  along: usize,
  v: usize,
  step: usize,
  m: i32,
  width: i32,
  scale: f32,
): void {
  if (m >= LONG) {
    // A causal pattern is half zeros: behind the last key that any of the four queries sees, before the first query that
    // sees any of the four keys.
    while (m > 0 && areZero(weights + <usize>(m - 1) * along, down)) m--
    while (m > 0 && areZero(weights, down)) {
      weights += along
      v += step
      m--
    }
  }
  for (; width >= 8; width -= 8) {
    fourMixesOfEight(out, outStep, weights, down, along, v, step, m, scale)
    out += 32
    v += 32
  }
  if (width == 0) return
  for (let row: usize = 0; row < 4; row++) {
    mixOfFew(out + row * outStep, weights + row * down, along, v, step, m, width, scale)
  }
}

/** Whether four weights, `down` bytes apart, are zeros. */
// @ts-ignore: decorator
@inline
function areZero(weights: usize, down: usize): boolean {
  const bits =
    load<u32>(weights) | load<u32>(weights + down) | load<u32>(weights + down * 2) | load<u32>(weights + down * 3)
  // What the shift pushes out is the sign.
  return bits << 1 == 0
}

/** out [width] = scale Σ weight · v [m, width] */
function oneMix(
  out: usize,
  weights: usize,
  along: usize,
  v: usize,
  step: usize,
  m: i32,
  width: i32,
  scale: f32,
): void {
  for (; width >= 8; width -= 8) {
    mixOfEight(out, weights, along, v, step, m, scale)
    out += 32
    v += 32
  }
  if (width > 0) mixOfFew(out, weights, along, v, step, m, width, scale)
}

/** As {@link fourMixes}, of 8 columns: the four rows share the reading of v. */
function fourMixesOfEight(
  out: usize,
  outStep: usize,
  weights: usize,
  down: usize,
  along: usize,
  v: usize,
  step: usize,
  m: i32,
  scale: f32,
): void {
  let low0 = f32x4.splat(0)
  let low1 = low0, low2 = low0, low3 = low0, high0 = low0, high1 = low0, high2 = low0, high3 = low0
  for (; m > 0; m--) {
    const low = v128.load(v)
    const high = v128.load(v, 16)
    let weight = v128.load32_splat(weights)
    low0 = multiplyAdd(weight, low, low0)
    high0 = multiplyAdd(weight, high, high0)
    weight = v128.load32_splat(weights + down)
    low1 = multiplyAdd(weight, low, low1)
    high1 = multiplyAdd(weight, high, high1)
    weight = v128.load32_splat(weights + down * 2)
    low2 = multiplyAdd(weight, low, low2)
    high2 = multiplyAdd(weight, high, high2)
    weight = v128.load32_splat(weights + down * 3)
    low3 = multiplyAdd(weight, low, low3)
    high3 = multiplyAdd(weight, high, high3)
    weights += along
    v += step
  }
  const factors = f32x4.splat(scale)
  v128.store(out, f32x4.mul(low0, factors))
  v128.store(out, f32x4.mul(high0, factors), 16)
  out += outStep
  v128.store(out, f32x4.mul(low1, factors))
  v128.store(out, f32x4.mul(high1, factors), 16)
  out += outStep
  v128.store(out, f32x4.mul(low2, factors))
  v128.store(out, f32x4.mul(high2, factors), 16)
  out += outStep
  v128.store(out, f32x4.mul(low3, factors))
  v128.store(out, f32x4.mul(high3, factors), 16)
}

/** out [8] = scale Σ weight · v [m, 8] */
function mixOfEight(out: usize, weights: usize, along: usize, v: usize, step: usize, m: i32, scale: f32): void {
  let low = f32x4.splat(0)
  let high = f32x4.splat(0)
  for (; m > 0; m--) {
    const weight = v128.load32_splat(weights)
    low = multiplyAdd(weight, v128.load(v), low)
    high = multiplyAdd(weight, v128.load(v, 16), high)
    weights += along
    v += step
  }
  v128.store(out, f32x4.mul(low, f32x4.splat(scale)))
  v128.store(out, f32x4.mul(high, f32x4.splat(scale)), 16)
}

/** out [width < 8] = scale Σ weight · v [m, width] */
function mixOfFew(
  out: usize,
  weights: usize,
  along: usize,
  v: usize,
  step: usize,
  m: i32,
  width: i32,
  scale: f32,
): void {
  if (width >= 4) {
    let sums = f32x4.splat(0)
    for (let j = 0; j < m; j++) {
      const weight = v128.load32_splat(weights + <usize>j * along)
      sums = multiplyAdd(weight, v128.load(v + <usize>j * step), sums)
    }
    v128.store(out, f32x4.mul(sums, f32x4.splat(scale)))
    out += 16
    v += 16
    width -= 4
  }
  for (; width > 0; width--) {
    let sum: f32 = 0
    for (let j = 0; j < m; j++) sum += load<f32>(weights + <usize>j * along) * load<f32>(v + <usize>j * step)
    store<f32>(out, sum * scale)
    out += 4
    v += 4
  }
}
