// The loops of kernels that compute each element alone. What they compute is a class of which nobody makes an object: it
// names the function, and the compiler writes a loop for each name, with the function inlined.
//
// The last one to three elements go through the same function as the others: a buffer's length changes no bits.

import { loadPart, storePart, sumOfLanes, sumOfPart } from './lanes'

/** A function of one value, four lanes at a time. */
// @ts-ignore: decorator
@unmanaged
export abstract class OfOne {
  abstract of(x: v128): v128
}

/** A function of two values. */
// @ts-ignore: decorator
@unmanaged
export abstract class OfTwo {
  abstract of(a: v128, b: v128): v128
}

/** A function of one value and a constant. */
// @ts-ignore: decorator
@unmanaged
export abstract class OfOneWith {
  abstract of(x: v128, constant: v128): v128
}

/** A function of two values and a constant. */
// @ts-ignore: decorator
@unmanaged
export abstract class OfTwoWith {
  abstract of(a: v128, b: v128, constant: v128): v128
}

/** out [n] = F(x [n]); out may be x. */
export function each<F extends OfOne>(out: usize, x: usize, n: i32): void {
  const f = changetype<F>(0)
  for (; n >= 4; n -= 4) {
    v128.store(out, f.of(v128.load(x)))
    out += 16
    x += 16
  }
  if (n > 0) storePart(out, f.of(loadPart(x, n)), n)
}

/** out [n] = F(a [n], b [n]); out may be a or b. */
export function eachOfTwo<F extends OfTwo>(out: usize, a: usize, b: usize, n: i32): void {
  const f = changetype<F>(0)
  for (; n >= 4; n -= 4) {
    v128.store(out, f.of(v128.load(a), v128.load(b)))
    out += 16
    a += 16
    b += 16
  }
  if (n > 0) storePart(out, f.of(loadPart(a, n), loadPart(b, n)), n)
}

/** out [n] = F(x [n], constant); out may be x. */
export function eachWith<F extends OfOneWith>(out: usize, x: usize, n: i32, constant: v128): void {
  const f = changetype<F>(0)
  for (; n >= 4; n -= 4) {
    v128.store(out, f.of(v128.load(x), constant))
    out += 16
    x += 16
  }
  if (n > 0) storePart(out, f.of(loadPart(x, n), constant), n)
}

/** out [n] = F(a [n], b [n], constant); out may be a or b. */
export function eachOfTwoWith<F extends OfTwoWith>(out: usize, a: usize, b: usize, n: i32, constant: v128): void {
  const f = changetype<F>(0)
  for (; n >= 4; n -= 4) {
    v128.store(out, f.of(v128.load(a), v128.load(b), constant))
    out += 16
    a += 16
    b += 16
  }
  if (n > 0) storePart(out, f.of(loadPart(a, n), loadPart(b, n), constant), n)
}

/** Σ F(a [n], b [n], constant) */
export function sumOfTwoWith<F extends OfTwoWith>(a: usize, b: usize, n: i32, constant: v128): f32 {
  const f = changetype<F>(0)
  let sums = f32x4.splat(0)
  for (; n >= 4; n -= 4) {
    sums = f32x4.add(sums, f.of(v128.load(a), v128.load(b), constant))
    a += 16
    b += 16
  }
  const sum = sumOfLanes(sums)
  return n > 0 ? sum + sumOfPart(f.of(loadPart(a, n), loadPart(b, n), constant), n) : sum
}
