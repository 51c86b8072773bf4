// gelu x = x Φ(x), Φ the normal distribution: Φ(−a) = e^(−a²/2) t P(t), t = 1 / (1 + 0.3 a), for a ≥ 0.

import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'
import { exp4 } from './shared/math'
import { multiplyAdd } from './shared/multiply-add'

/** φ(0) = 1 / √(2π) */
const PEAK: f32 = 0.3989422804014327

/** out, x [n] */
export function geluExact(out: usize, x: usize, n: i32): void {
  each<GeluExact>(out, x, n)
}

/** out = g (Φ(x) + x φ(x)); out, x, g [n] */
export function geluExactVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<GeluExactVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class GeluExact extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    return f32x4.mul(x, cumulativeOf(x, bellOf(x)))
  }
}

// @ts-ignore: decorator
@unmanaged
class GeluExactVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    const bell = bellOf(x)
    const steep = f32x4.mul(x, f32x4.mul(bell, f32x4.splat(PEAK)))
    return f32x4.mul(g, f32x4.add(cumulativeOf(x, bell), steep))
  }
}

/** e^(−x²/2) */
// @ts-ignore: decorator
@inline
function bellOf(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)))
}

/** Φ(x), given e^(−x²/2); relative error ≤ 5e-7, on either side of zero, besides that of e^(−x²/2). */
// @ts-ignore: decorator
@inline
function cumulativeOf(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1)
  const t = f32x4.div(one, multiplyAdd(f32x4.abs(x), f32x4.splat(0.3), one))
  // P, fitted for the least relative error of Φ(−a) / e^(−a²/2).
  let p = f32x4.splat(0.0720757395029068)
  p = multiplyAdd(p, t, f32x4.splat(-0.31743937730789185))
  p = multiplyAdd(p, t, f32x4.splat(0.41794854402542114))
  p = multiplyAdd(p, t, f32x4.splat(-0.11220815032720566))
  p = multiplyAdd(p, t, f32x4.splat(0.25969475507736206))
  p = multiplyAdd(p, t, f32x4.splat(0.19904394447803497))
  p = multiplyAdd(p, t, f32x4.splat(0.24163410067558289))
  p = multiplyAdd(p, t, f32x4.splat(0.2392503172159195))
  const tail = f32x4.mul(f32x4.mul(bell, f32x4.splat(0.5)), f32x4.mul(p, t))
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)))
}
