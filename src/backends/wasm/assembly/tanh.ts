// tanh |x| = −m / (2 + m), m = e^(−2|x|) − 1, which is exact where x is small.

import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'
import { exp4, expMinusOne4 } from './shared/math'

/** out = tanh x; out, x [n] */
export function tanh(out: usize, x: usize, n: i32): void {
  each<Tanh>(out, x, n)
}

/** out = g (1 − tanh² x); out, x, g [n] */
export function tanhVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<TanhVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class Tanh extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    const m = expMinusOne4(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)))
    const size = f32x4.div(m, f32x4.add(f32x4.splat(2), m))
    return v128.bitselect(x, size, i32x4.splat(<i32>0x80000000))
  }
}

/** 1 − tanh² x = 4 e^(−2|x|) / (1 + e^(−2|x|))² */
// @ts-ignore: decorator
@unmanaged
class TanhVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    const decay = exp4(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)))
    const half = f32x4.mul(f32x4.add(f32x4.splat(1), decay), f32x4.splat(0.5))
    return f32x4.mul(g, f32x4.div(decay, f32x4.mul(half, half)))
  }
}
