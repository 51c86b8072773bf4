import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'
import { decayOf, logisticOf } from './shared/logistic'

/** out = σ(x); out, x [n] */
export function sigmoid(out: usize, x: usize, n: i32): void {
  each<Sigmoid>(out, x, n)
}

/** out = g σ(x) σ(−x); out, x, g [n] */
export function sigmoidVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<SigmoidVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class Sigmoid extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    return logisticOf(x, decayOf(x))
  }
}

/** σ(x) σ(−x) = e^−|x| / (1 + e^−|x|)² */
// @ts-ignore: decorator
@unmanaged
class SigmoidVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    const decay = decayOf(x)
    const sum = f32x4.add(f32x4.splat(1), decay)
    return f32x4.mul(g, f32x4.div(decay, f32x4.mul(sum, sum)))
  }
}
