import { eachOfTwoWith, OfTwoWith } from './shared/elementwise'
import { multiplyAdd } from './shared/multiply-add'

/**
 * out = g + decay · p; out may be g.
 *
 * out, g, p [n]
 */
export function weightDecay(out: usize, g: usize, p: usize, n: i32, decay: f32): void {
  eachOfTwoWith<Decay>(out, g, p, n, f32x4.splat(decay))
}

// @ts-ignore: decorator
@unmanaged
class Decay extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(g: v128, p: v128, decay: v128): v128 {
    return multiplyAdd(decay, p, g)
  }
}
