import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'
import { decayOf, logisticOf } from './shared/logistic'
import { multiplyAdd } from './shared/multiply-add'

/** out = x σ(x); out, x [n] */
export function silu(out: usize, x: usize, n: i32): void {
  each<Silu>(out, x, n)
}

/** out = g σ(x) (1 + x σ(−x)); out, x, g [n] */
export function siluVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<SiluVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class Silu extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    return f32x4.mul(x, logisticOf(x, decayOf(x)))
  }
}

// @ts-ignore: decorator
@unmanaged
class SiluVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    const decay = decayOf(x)
    const rest = logisticOf(f32x4.neg(x), decay)
    return f32x4.mul(g, f32x4.mul(logisticOf(x, decay), multiplyAdd(x, rest, f32x4.splat(1))))
  }
}
