import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'

/**
 * m' = β1 m + (1 − β1) g, v' = β2 v + (1 − β2) g², p' = keep · p − rates[0] · m' / (√(v' · rates[1]) + eps)
 *
 * out   [3, n] = p', m', v'; may be state
 * state [3, n] = p, m, v
 * g     [n]
 * rates [2], and keep if `decayed`; otherwise keep is 1
 * rest1 = 1 − β1, rest2 = 1 − β2, each rounded once
 */
export function adam(
  out: usize,
  state: usize,
  g: usize,
  rates: usize,
  n: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  eps: f32,
  decayed: i32,
): void {
  const part = <usize>n << 2
  const keep = decayed ? v128.load32_splat(rates, 8) : f32x4.splat(1)
  const rate = v128.load32_splat(rates)
  const correction = v128.load32_splat(rates, 4)
  const least = f32x4.splat(eps)
  for (; n >= 4; n -= 4) {
    const slope = v128.load(g)
    const m = mean(v128.load(state + part), slope, beta1, rest1)
    const v = mean(v128.load(state + part * 2), f32x4.mul(slope, slope), beta2, rest2)
    v128.store(out, stepOf(f32x4.mul(v128.load(state), keep), m, v, rate, correction, least))
    v128.store(out + part, m)
    v128.store(out + part * 2, v)
    out += 16
    state += 16
    g += 16
  }
  if (n == 0) return
  const slope = loadPart(g, n)
  const m = mean(loadPart(state + part, n), slope, beta1, rest1)
  const v = mean(loadPart(state + part * 2, n), f32x4.mul(slope, slope), beta2, rest2)
  storePart(out, stepOf(f32x4.mul(loadPart(state, n), keep), m, v, rate, correction, least), n)
  storePart(out + part, m, n)
  storePart(out + part * 2, v, n)
}

/** The running mean of a value. */
// @ts-ignore: decorator
@inline
function mean(old: v128, value: v128, decay: f32, rest: f32): v128 {
  return multiplyAdd(f32x4.splat(rest), value, f32x4.mul(f32x4.splat(decay), old))
}

// @ts-ignore: decorator
@inline
function stepOf(p: v128, m: v128, v: v128, rate: v128, correction: v128, least: v128): v128 {
  const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), least)
  return f32x4.sub(p, f32x4.div(f32x4.mul(rate, m), size))
}
