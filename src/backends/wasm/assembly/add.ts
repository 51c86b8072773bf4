import { eachOfTwo, OfTwo } from './shared/elementwise'

/** out, a, b [n]; out may be a. */
export function add(out: usize, a: usize, b: usize, n: i32): void {
  eachOfTwo<Sum>(out, a, b, n)
}

// @ts-ignore: decorator
@unmanaged
class Sum extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(a: v128, b: v128): v128 {
    return f32x4.add(a, b)
  }
}
