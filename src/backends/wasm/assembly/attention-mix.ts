import { multiplyAdd } from './shared/multiply-add'

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
      for (let i = 0; i < n; i++) {
        const weights = p + <usize>i * down
        if (width == 8) mixOfEight(to, weights, along, from, position, m, scale)
        else mixOfAny(to, weights, along, from, position, m, width, scale)
        to += position
      }
      p += <usize>(n * m) << 2
    }
    out += <usize>n * position
    v += <usize>m * position
  }
}

/** out [8] = scale Σ weight · v [m, 8]; weights `along`, rows of v `step` bytes apart. */
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

/** out [width] = scale Σ weight · v [m, width] */
function mixOfAny(
  out: usize,
  weights: usize,
  along: usize,
  v: usize,
  step: usize,
  m: i32,
  width: i32,
  scale: f32,
): void {
  for (; width >= 4; width -= 4) {
    let sums = f32x4.splat(0)
    for (let j = 0; j < m; j++) {
      const weight = v128.load32_splat(weights + <usize>j * along)
      sums = multiplyAdd(weight, v128.load(v + <usize>j * step), sums)
    }
    v128.store(out, f32x4.mul(sums, f32x4.splat(scale)))
    out += 16
    v += 16
  }
  for (; width > 0; width--) {
    let sum: f32 = 0
    for (let j = 0; j < m; j++) sum += load<f32>(weights + <usize>j * along) * load<f32>(v + <usize>j * step)
    store<f32>(out, sum * scale)
    out += 4
    v += 4
  }
}
