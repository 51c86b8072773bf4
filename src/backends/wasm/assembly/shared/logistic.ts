// σ(x) = 1 / (1 + e⁻ˣ), by e^−|x|, which never overflows: where x is negative, σ(x) = e^−|x| / (1 + e^−|x|).

import { exp4 } from './math'

/** e^−|x| */
// @ts-ignore: decorator
@inline
export function decayOf(x: v128): v128 {
  return exp4(f32x4.neg(f32x4.abs(x)))
}

/** σ(x), given e^−|x|. */
// @ts-ignore: decorator
@inline
export function logisticOf(x: v128, decay: v128): v128 {
  const one = f32x4.splat(1)
  const upper = v128.bitselect(decay, one, f32x4.lt(x, f32x4.splat(0)))
  return f32x4.div(upper, f32x4.add(one, decay))
}
