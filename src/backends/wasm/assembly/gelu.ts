// gelu x = x σ(2u), u = √(2/π) (x + 0.044715 x³); the same as ½ x (1 + tanh u).

import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'
import { exp4 } from './shared/math'
import { multiplyAdd } from './shared/multiply-add'

const TWICE_ROOT: f32 = 1.5957691216057308 // 2 √(2/π)
const CUBIC: f32 = 0.044715

/** out, x [n] */
export function gelu(out: usize, x: usize, n: i32): void {
  each<Gelu>(out, x, n)
}

/** out, x, g [n] */
export function geluVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<GeluVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class Gelu extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    return f32x4.div(x, f32x4.add(f32x4.splat(1), decayOf(x, f32x4.mul(x, x))))
  }
}

/** g (σ + x σ (1 − σ) · 2u′), with 1 − σ as σ e⁻²ᵘ: nothing cancels. */
// @ts-ignore: decorator
@unmanaged
class GeluVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    const one = f32x4.splat(1)
    // Beyond x = ±64 the slope is 0 or 1, and no product may overflow.
    const square = f32x4.pmin(f32x4.mul(x, x), f32x4.splat(4096))
    const decay = decayOf(x, square)
    const gate = f32x4.div(one, f32x4.add(one, decay))
    const inner = f32x4.mul(f32x4.splat(TWICE_ROOT), multiplyAdd(f32x4.splat(3 * CUBIC), square, one))
    const slope = f32x4.mul(f32x4.mul(f32x4.mul(decay, gate), gate), inner)
    return f32x4.mul(g, multiplyAdd(x, slope, gate))
  }
}

/** e⁻²ᵘ, so that σ(2u) = 1 / (1 + e⁻²ᵘ) */
// @ts-ignore: decorator
@inline
function decayOf(x: v128, square: v128): v128 {
  const cubic = f32x4.mul(x, multiplyAdd(f32x4.splat(CUBIC), square, f32x4.splat(1)))
  return exp4(f32x4.mul(cubic, f32x4.splat(-TWICE_ROOT)))
}
