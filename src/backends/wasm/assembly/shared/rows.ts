// What one row of floats comes down to.

import { eachOfTwoWith, eachWith, OfOneWith, OfTwoWith } from './elementwise'
import { loadPart, sumOfLanes } from './lanes'
import { exp1, exp4 } from './math'
import { multiplyAdd, subtractProduct } from './multiply-add'

/** Σ x, x [n]. Four sums at once, so that no addition waits for the one before it. */
export function rowSum(x: usize, n: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
  for (; n >= 16; n -= 16) {
    s0 = f32x4.add(s0, v128.load(x))
    s1 = f32x4.add(s1, v128.load(x, 16))
    s2 = f32x4.add(s2, v128.load(x, 32))
    s3 = f32x4.add(s3, v128.load(x, 48))
    x += 64
  }
  for (; n >= 4; n -= 4) {
    s0 = f32x4.add(s0, v128.load(x))
    x += 16
  }
  if (n > 0) s1 = f32x4.add(s1, loadPart(x, n))
  return sumOfLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
}

/** Σ x y, x [n], y [n]. */
export function rowDot(x: usize, y: usize, n: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
  for (; n >= 16; n -= 16) {
    s0 = multiplyAdd(v128.load(x), v128.load(y), s0)
    s1 = multiplyAdd(v128.load(x, 16), v128.load(y, 16), s1)
    s2 = multiplyAdd(v128.load(x, 32), v128.load(y, 32), s2)
    s3 = multiplyAdd(v128.load(x, 48), v128.load(y, 48), s3)
    x += 64
    y += 64
  }
  for (; n >= 4; n -= 4) {
    s0 = multiplyAdd(v128.load(x), v128.load(y), s0)
    x += 16
    y += 16
  }
  if (n > 0) s1 = multiplyAdd(loadPart(x, n), loadPart(y, n), s1)
  return sumOfLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
}

/** Σ (x − mean)², x [n]. */
export function rowSquares(x: usize, n: i32, mean: f32): f32 {
  const center = f32x4.splat(mean)
  let s0 = f32x4.splat(0), s1 = s0
  for (; n >= 8; n -= 8) {
    const a = f32x4.sub(v128.load(x), center)
    const b = f32x4.sub(v128.load(x, 16), center)
    s0 = multiplyAdd(a, a, s0)
    s1 = multiplyAdd(b, b, s1)
    x += 32
  }
  let sum = sumOfLanes(f32x4.add(s0, s1))
  for (; n > 0; n--) {
    const a = load<f32>(x) - mean
    sum += a * a
    x += 4
  }
  return sum
}

/** The largest of x [n ≥ 1]; where one is NaN, NaN or the largest of some others. */
export function rowMax(x: usize, n: i32): f32 {
  let largest = load<f32>(x)
  if (n >= 4) {
    let four = v128.load(x)
    for (; n >= 4; n -= 4) {
      four = f32x4.pmax(four, v128.load(x))
      x += 16
    }
    four = f32x4.pmax(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1))
    largest = max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1))
  }
  for (; n > 0; n--) {
    largest = max(largest, load<f32>(x))
    x += 4
  }
  return largest
}

/** out [n] = (x [n] − mean) · factor */
export function rowShiftScale(out: usize, x: usize, n: i32, mean: f32, factor: f32): void {
  const center = f32x4.splat(mean)
  const factors = f32x4.splat(factor)
  for (; n >= 4; n -= 4) {
    v128.store(out, f32x4.mul(f32x4.sub(v128.load(x), center), factors))
    out += 16
    x += 16
  }
  for (; n > 0; n--) {
    store<f32>(out, (load<f32>(x) - mean) * factor)
    out += 4
    x += 4
  }
}

/** Σ exp(x − shift), x [n] */
// @ts-ignore: decorator
@inline
export function rowExpSum(x: usize, n: i32, shift: f32): f32 {
  const shifts = f32x4.splat(shift)
  let sums = f32x4.splat(0)
  for (; n >= 4; n -= 4) {
    sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(x), shifts)))
    x += 16
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)
  sum += f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3)
  for (; n > 0; n--) {
    sum += exp1(load<f32>(x) - shift)
    x += 4
  }
  return sum
}

/** out [n] = exp(x [n] − shift); out may be x. */
export function rowExp(out: usize, x: usize, n: i32, shift: f32): void {
  eachWith<ShiftedExp>(out, x, n, f32x4.splat(shift))
}

// @ts-ignore: decorator
@unmanaged
class ShiftedExp extends OfOneWith {
  // @ts-ignore: decorator
  @inline
  of(x: v128, shift: v128): v128 {
    return exp4(f32x4.sub(x, shift))
  }
}

/** out [n] = a [n] − factor · b [n]; out may be a. */
export function rowMinus(out: usize, a: usize, b: usize, n: i32, factor: v128): void {
  eachOfTwoWith<MinusScaled>(out, a, b, n, factor)
}

// @ts-ignore: decorator
@unmanaged
class MinusScaled extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(a: v128, b: v128, factor: v128): v128 {
    return subtractProduct(a, factor, b)
  }
}
