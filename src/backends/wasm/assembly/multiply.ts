import { eachOfTwo, eachWith, OfOneWith, OfTwo } from './shared/elementwise'
import { eachRow, RepeatedRow } from './shared/repeat'

/** out = a · b, b repeated; out may be a; loops as in shared/repeat. */
export function multiply(out: usize, a: usize, b: usize, loops: usize): void {
  eachRow<MultiplyRow>(out, a, b, 0, loops)
}

// @ts-ignore: decorator
@unmanaged
class MultiplyRow extends RepeatedRow {
  // @ts-ignore: decorator
  @inline
  of(out: usize, a: usize, b: usize, step: usize, _: usize, _step: usize, n: i32): void {
    if (step) eachOfTwo<Product>(out, a, b, n)
    else eachWith<Scaled>(out, a, n, v128.load32_splat(b))
  }
}

// @ts-ignore: decorator
@unmanaged
class Product extends OfTwo {
  // @ts-ignore: decorator
  @inline
  of(a: v128, b: v128): v128 {
    return f32x4.mul(a, b)
  }
}

// @ts-ignore: decorator
@unmanaged
class Scaled extends OfOneWith {
  // @ts-ignore: decorator
  @inline
  of(a: v128, factor: v128): v128 {
    return f32x4.mul(a, factor)
  }
}
