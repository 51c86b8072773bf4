import { eachOfTwoWith, OfTwoWith, sumOfTwoWith } from './shared/elementwise'
import { decayOf, logisticOf } from './shared/logistic'
import { logOnePlus4 } from './shared/math'
import { subtractProduct } from './shared/multiply-add'
import { FloatTargets, meanLoss, meanLossVjp } from './shared/row-loss'

/**
 * out        [] = the weighted mean over rows of mean (log(1 + eˣ) − target · x)
 * x, targets [rows, width]
 * weights    [rows], or 0 for ones
 */
export function binaryCrossEntropy(out: usize, x: usize, targets: usize, weights: usize, rows: i32, width: i32): void {
  meanLoss<BinaryCrossEntropy>(out, x, targets, weights, rows, width)
}

/**
 * out [rows, width] = g · weight / Σ weights · (σ(x) − target) / width
 * g   []
 */
export function binaryCrossEntropyVjp(
  out: usize,
  g: usize,
  x: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  width: i32,
): void {
  meanLossVjp<BinaryCrossEntropy>(out, g, x, targets, weights, rows, width)
}

// @ts-ignore: decorator
@unmanaged
class BinaryCrossEntropy extends FloatTargets {
  // @ts-ignore: decorator
  @inline
  loss(x: usize, targets: usize, width: i32): f64 {
    return <f64>sumOfTwoWith<Surprise>(x, targets, width, f32x4.splat(0)) / <f64>width
  }

  // @ts-ignore: decorator
  @inline
  slope(out: usize, x: usize, targets: usize, width: i32, factor: f32): void {
    eachOfTwoWith<SurpriseSlope>(out, x, targets, width, f32x4.splat(factor / <f32>width))
  }
}

/** log(1 + eˣ) − t x, as (max(x, 0) − t x) + log(1 + e^−|x|): where a sure guess is right, its first part is 0. */
// @ts-ignore: decorator
@unmanaged
class Surprise extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(x: v128, target: v128, _: v128): v128 {
    const linear = subtractProduct(f32x4.max(x, f32x4.splat(0)), target, x)
    return f32x4.add(linear, logOnePlus4(decayOf(x)))
  }
}

// @ts-ignore: decorator
@unmanaged
class SurpriseSlope extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(x: v128, target: v128, factor: v128): v128 {
    return f32x4.mul(f32x4.sub(logisticOf(x, decayOf(x)), target), factor)
  }
}
