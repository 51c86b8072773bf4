import { sumOfLanes, sumsOfLanes } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'
import { rowDot } from './shared/rows'

/**
 * out [batch, heads, n, m] = scale Σ q · k
 * q   [batch, n, heads, width]
 * k   [batch, m, heads, width]
 */
export function attentionScores(
  out: usize,
  q: usize,
  k: usize,
  batch: i32,
  heads: i32,
  n: i32,
  m: i32,
  width: i32,
  scale: f32,
): void {
  const head = <usize>width << 2
  const position = <usize>heads * head
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      let query = q + <usize>h * head
      for (let i = 0; i < n; i++) {
        const key = k + <usize>h * head
        if (width == 8) scoresOfEight(out, query, key, position, m, scale)
        else if (width & 3) scoresOfAny(out, query, key, position, m, width, scale)
        else scoresOfFours(out, query, key, position, m, head, scale)
        out += <usize>m << 2
        query += position
      }
    }
    q += <usize>n * position
    k += <usize>m * position
  }
}

/** out [m] = scale Σ query [8] · key [m, 8], keys `step` bytes apart. */
function scoresOfEight(out: usize, query: usize, key: usize, step: usize, m: i32, scale: f32): void {
  const factors = f32x4.splat(scale)
  const low = f32x4.mul(v128.load(query), factors)
  const high = f32x4.mul(v128.load(query, 16), factors)
  for (; m >= 4; m -= 4) {
    const k1 = key + step
    const k2 = k1 + step
    const k3 = k2 + step
    const dots = sumsOfLanes(
      multiplyAdd(high, v128.load(key, 16), f32x4.mul(low, v128.load(key))),
      multiplyAdd(high, v128.load(k1, 16), f32x4.mul(low, v128.load(k1))),
      multiplyAdd(high, v128.load(k2, 16), f32x4.mul(low, v128.load(k2))),
      multiplyAdd(high, v128.load(k3, 16), f32x4.mul(low, v128.load(k3))),
    )
    v128.store(out, dots)
    out += 16
    key = k3 + step
  }
  for (; m > 0; m--) {
    store<f32>(out, sumOfLanes(multiplyAdd(high, v128.load(key, 16), f32x4.mul(low, v128.load(key)))))
    out += 4
    key += step
  }
}

/** out [m] = scale Σ query · key, rows of `bytes`, a multiple of 16. */
function scoresOfFours(out: usize, query: usize, key: usize, step: usize, m: i32, bytes: usize, scale: f32): void {
  for (; m >= 4; m -= 4) {
    const k1 = key + step
    const k2 = k1 + step
    const k3 = k2 + step
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
    for (let i: usize = 0; i < bytes; i += 16) {
      const part = v128.load(query + i)
      s0 = multiplyAdd(part, v128.load(key + i), s0)
      s1 = multiplyAdd(part, v128.load(k1 + i), s1)
      s2 = multiplyAdd(part, v128.load(k2 + i), s2)
      s3 = multiplyAdd(part, v128.load(k3 + i), s3)
    }
    v128.store(out, f32x4.mul(sumsOfLanes(s0, s1, s2, s3), f32x4.splat(scale)))
    out += 16
    key = k3 + step
  }
  scoresOfAny(out, query, key, step, m, <i32>(bytes >> 2), scale)
}

/** out [m] = scale Σ query [width] · key [m, width] */
function scoresOfAny(out: usize, query: usize, key: usize, step: usize, m: i32, width: i32, scale: f32): void {
  for (; m > 0; m--) {
    store<f32>(out, scale * rowDot(query, key, width))
    out += 4
    key += step
  }
}
