import { eachOfTwoWith, OfTwoWith, sumOfTwoWith } from './shared/elementwise'
import { FloatTargets, meanLoss, meanLossVjp } from './shared/row-loss'

/**
 * out        [] = the weighted mean over rows of mean (x − target)²
 * x, targets [rows, width]
 * weights    [rows], or 0 for ones
 */
export function squaredError(out: usize, x: usize, targets: usize, weights: usize, rows: i32, width: i32): void {
  meanLoss<SquaredError>(out, x, targets, weights, rows, width)
}

/**
 * out [rows, width] = g · weight / Σ weights · 2 (x − target) / width
 * g   []
 */
export function squaredErrorVjp(
  out: usize,
  g: usize,
  x: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  width: i32,
): void {
  meanLossVjp<SquaredError>(out, g, x, targets, weights, rows, width)
}

// @ts-ignore: decorator
@unmanaged
class SquaredError extends FloatTargets {
  // @ts-ignore: decorator
  @inline
  loss(x: usize, targets: usize, width: i32): f64 {
    return <f64>sumOfTwoWith<Square>(x, targets, width, f32x4.splat(0)) / <f64>width
  }

  // @ts-ignore: decorator
  @inline
  slope(out: usize, x: usize, targets: usize, width: i32, factor: f32): void {
    eachOfTwoWith<ScaledDifference>(out, x, targets, width, f32x4.splat((2 * factor) / <f32>width))
  }
}

// @ts-ignore: decorator
@unmanaged
class Square extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(x: v128, target: v128, _: v128): v128 {
    const difference = f32x4.sub(x, target)
    return f32x4.mul(difference, difference)
  }
}

// @ts-ignore: decorator
@unmanaged
class ScaledDifference extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(x: v128, target: v128, factor: v128): v128 {
    return f32x4.mul(f32x4.sub(x, target), factor)
  }
}
