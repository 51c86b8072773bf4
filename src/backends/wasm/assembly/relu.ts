import { each, eachOfTwo, OfOne, OfTwo } from './shared/elementwise'

/** out = max(x, 0); out, x [n] */
export function relu(out: usize, x: usize, n: i32): void {
  each<Relu>(out, x, n)
}

/** out = x > 0 ? g : 0; out, x, g [n] */
export function reluVjp(out: usize, x: usize, g: usize, n: i32): void {
  eachOfTwo<ReluVjp>(out, x, g, n)
}

// @ts-ignore: decorator
@unmanaged
class Relu extends OfOne {
  // @ts-ignore: decorator
  @inline
  of(x: v128): v128 {
    return v128.and(x, f32x4.gt(x, f32x4.splat(0)))
  }
}

// @ts-ignore: decorator
@unmanaged
class ReluVjp extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(x: v128, g: v128): v128 {
    return v128.and(g, f32x4.gt(x, f32x4.splat(0)))
  }
}
