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
  const near = inRange(x)
  const rounded = roundedOf(near)
  const e = f32x4.add(growthOf(near, rounded), f32x4.splat(1))
  return v128.andnot(f32x4.mul(e, powerOf(rounded)), zero)
}

/** exp x − 1 of each lane, as exact near zero as elsewhere. */
// @ts-ignore: decorator
@inline
export function expMinusOne4(x: v128): v128 {
  const near = inRange(x)
  const rounded = roundedOf(near)
  const power = powerOf(rounded)
  return multiplyAdd(power, growthOf(near, rounded), f32x4.sub(power, f32x4.splat(1)))
}

// x = n ln 2 + r, |r| ≤ ln 2 / 2; exp x = 2ⁿ (1 + r + r² q(r)), q fitted for the least relative error.

// @ts-ignore: decorator
@inline
function inRange(x: v128): v128 {
  // The pseudo-minimum is one instruction, and keeps a NaN that stands first.
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(LARGEST)), f32x4.splat(SMALLEST))
}

/** n, in the low bits: adding 1.5 · 2²³ rounds to an integer and leaves it there. */
// @ts-ignore: decorator
@inline
function roundedOf(x: v128): v128 {
  return multiplyAdd(x, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER))
}

/** 2ⁿ: a shift makes n an exponent. */
// @ts-ignore: decorator
@inline
function powerOf(rounded: v128): v128 {
  return i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23)
}

/** r + r² q(r), which is exp r − 1. */
// @ts-ignore: decorator
@inline
function growthOf(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER))
  let r = subtractProduct(x, n, f32x4.splat(LN2_HIGH))
  r = subtractProduct(r, n, f32x4.splat(LN2_LOW))
  let q = f32x4.splat(0.001381446490995586)
  q = multiplyAdd(q, r, f32x4.splat(0.008368780836462975))
  q = multiplyAdd(q, r, f32x4.splat(0.04166839271783829))
  q = multiplyAdd(q, r, f32x4.splat(0.1666651964187622))
  q = multiplyAdd(q, r, f32x4.splat(0.4999999403953552))
  return multiplyAdd(f32x4.mul(r, r), q, r)
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

/** log(1 + x) of each lane, for x from 0 to 1; relative error ≤ 3e-7. With s = x / (2 + x) it is 2 artanh s. */
// @ts-ignore: decorator
@inline
export function logOnePlus4(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(f32x4.splat(2), x))
  const square = f32x4.mul(s, s)
  // (2 artanh s − 2 s) / s³ in s² ≤ 1/9, fitted for the least relative error.
  let series = f32x4.splat(0.2802446484565735)
  series = multiplyAdd(series, square, f32x4.splat(0.27999138832092285))
  series = multiplyAdd(series, square, f32x4.splat(0.4002169966697693))
  series = multiplyAdd(series, square, f32x4.splat(0.6666641235351562))
  return multiplyAdd(f32x4.mul(s, square), series, f32x4.add(s, s))
}
