import { OfTwoWith, sumOfTwoWith } from './shared/elementwise'
import { log1 } from './shared/math'
import { FloatTargets, meanLoss, meanLossVjp } from './shared/row-loss'
import { rowExp, rowExpSum, rowMax, rowMinus, rowShiftScale, rowSum } from './shared/rows'

/**
 * out        [] = the weighted mean over rows of −Σ target · log softmax
 * x, targets [rows, width]
 * weights    [rows], or 0 for ones
 */
export function softCrossEntropy(out: usize, x: usize, targets: usize, weights: usize, rows: i32, width: i32): void {
  meanLoss<SoftCrossEntropy>(out, x, targets, weights, rows, width)
}

/**
 * out [rows, width] = g · weight / Σ weights · (softmax · Σ targets − target)
 * g   []
 */
export function softCrossEntropyVjp(
  out: usize,
  g: usize,
  x: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  width: i32,
): void {
  meanLossVjp<SoftCrossEntropy>(out, g, x, targets, weights, rows, width)
}

// @ts-ignore: decorator
@unmanaged
class SoftCrossEntropy extends FloatTargets {
  /** Σ t (max − x) + log Σ exp(x − max) · Σ t: nothing cancels. */
  // @ts-ignore: decorator
  @inline
  loss(x: usize, targets: usize, width: i32): f64 {
    const largest = rowMax(x, width)
    const distance = sumOfTwoWith<WeightedDistance>(targets, x, width, f32x4.splat(largest))
    return <f64>distance + log1(rowExpSum(x, width, largest)) * <f64>rowSum(targets, width)
  }

  // @ts-ignore: decorator
  @inline
  slope(out: usize, x: usize, targets: usize, width: i32, factor: f32): void {
    rowExp(out, x, width, rowMax(x, width))
    rowShiftScale(out, out, width, 0, (factor * rowSum(targets, width)) / rowSum(out, width))
    rowMinus(out, out, targets, width, f32x4.splat(factor))
  }
}

// @ts-ignore: decorator
@unmanaged
class WeightedDistance extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(weight: v128, x: v128, from: v128): v128 {
    return f32x4.mul(weight, f32x4.sub(from, x))
  }
}
