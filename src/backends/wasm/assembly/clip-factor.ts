/** Σ x², added up in 64 bits: x [n] */
export function sumOfSquares(x: usize, n: i32): f64 {
  let even = f64x2.splat(0), odd = f64x2.splat(0)
  for (; n >= 4; n -= 4) {
    const low = f64x2.promote_low_f32x4(v128.load(x))
    const high = f64x2.promote_low_f32x4(v128.load64_zero(x, 8))
    even = f64x2.add(even, f64x2.mul(low, low))
    odd = f64x2.add(odd, f64x2.mul(high, high))
    x += 16
  }
  const sums = f64x2.add(even, odd)
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  for (; n > 0; n--) {
    const value = <f64>load<f32>(x)
    sum += value * value
    x += 4
  }
  return sum
}

/** out [] = min(1, largest / (√squares + eps)) */
export function clipFactor(out: usize, squares: f64, largest: f64, eps: f64): void {
  store<f32>(out, <f32>Math.min(1, largest / (Math.sqrt(squares) + eps)))
}
