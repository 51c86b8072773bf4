import { loadPart, storePart } from './shared/lanes'

/**
 * out   [n] = p − rates[0] · m / (√(v · rates[1]) + eps); out may be p
 * p, m, v [n]
 * rates [2]
 */
export function adam(out: usize, p: usize, m: usize, v: usize, rates: usize, n: i32, eps: f32): void {
  const rate = v128.load32_splat(rates)
  const correction = v128.load32_splat(rates, 4)
  const least = f32x4.splat(eps)
  for (; n >= 4; n -= 4) {
    v128.store(out, stepOf(v128.load(p), v128.load(m), v128.load(v), rate, correction, least))
    out += 16
    p += 16
    m += 16
    v += 16
  }
  if (n > 0) storePart(out, stepOf(loadPart(p, n), loadPart(m, n), loadPart(v, n), rate, correction, least), n)
}

// @ts-ignore: decorator
@inline
function stepOf(p: v128, m: v128, v: v128, rate: v128, correction: v128, least: v128): v128 {
  const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), least)
  return f32x4.sub(p, f32x4.div(f32x4.mul(rate, m), size))
}
