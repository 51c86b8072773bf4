// exp and log to within rounding: no library, no tables, the same bits everywhere.

import { multiplyAdd, subtractProduct } from './multiply-add'

const LOG2_E: f32 = 1.4426950408889634
// ln 2 in two parts: the first has so few bits that its product with an exponent is exact.
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440e-4
const ROUNDER: f32 = 12582912
const LARGEST: f32 = 88.3762
const SMALLEST: f32 = -87.3365

/**
 * exp of each lane; relative error ≤ 2e-7. Below −87.3 it is 0 (what would be subnormal is not worth having), above
 * 88.4 it stays there; NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const zero = f32x4.lt(x, f32x4.splat(SMALLEST))
  // The pseudo-minimum is one instruction, and keeps a NaN that stands first.
  const inRange = f32x4.pmax(f32x4.pmin(x, f32x4.splat(LARGEST)), f32x4.splat(SMALLEST))
  // x = n ln 2 + r, |r| ≤ ln 2 / 2; exp x = 2ⁿ (1 + r + r² q(r)), q fitted for the least relative error.
  // Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits, which a shift makes an exponent.
  const rounded = multiplyAdd(inRange, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER))
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER))
  let r = subtractProduct(inRange, n, f32x4.splat(LN2_HIGH))
  r = subtractProduct(r, n, f32x4.splat(LN2_LOW))
  let q = f32x4.splat(0.001381446490995586)
  q = multiplyAdd(q, r, f32x4.splat(0.008368780836462975))
  q = multiplyAdd(q, r, f32x4.splat(0.04166839271783829))
  q = multiplyAdd(q, r, f32x4.splat(0.1666651964187622))
  q = multiplyAdd(q, r, f32x4.splat(0.4999999403953552))
  const e = f32x4.add(multiplyAdd(f32x4.mul(r, r), q, r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23)
  return v128.andnot(f32x4.mul(e, power), zero)
}

export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0)
}

/** log of a positive normal number: x = m 2ᵉ with m near 1, log m = 2 artanh((m − 1)/(m + 1)). */
export function log1(x: f32): f64 {
  if (!(x > 0) || x == Infinity) return x == 0 ? -Infinity : x > 0 ? <f64>x : NaN
  const bits = reinterpret<i32>(x)
  // Subtracting the bits of √½ before taking the exponent puts m between √½ and √2.
  const exponent = (bits - 0x3f3504f3) >> 23
  const m = <f64>reinterpret<f32>(bits - (exponent << 23))
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  const series = 1 + s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * (1.0 / 7 + s2 * (1.0 / 9 + s2 / 11))))
  return <f64>exponent * 0.6931471805599453 + 2 * s * series
}
