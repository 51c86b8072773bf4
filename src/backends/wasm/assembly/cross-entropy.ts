import { log1 } from './shared/math'
import { meanLoss, meanLossVjp, RowLoss } from './shared/row-loss'
import { rowExp, rowExpSum, rowMax, rowShiftScale, rowSum } from './shared/rows'

/**
 * out     [] = the weighted mean of −log softmax[target] over the targets ≥ 0; 0 when there are none
 * logits  [rows, vocab]
 * targets [rows] i32
 * weights [rows], or 0 for ones
 */
export function crossEntropy(
  out: usize,
  logits: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  vocab: i32,
): void {
  meanLoss<CrossEntropy>(out, logits, targets, weights, rows, vocab)
}

/**
 * out [rows, vocab] = g · weight / Σ weights · (softmax − one-hot target); 0 where the target is below 0
 * g   []
 */
export function crossEntropyVjp(
  out: usize,
  g: usize,
  logits: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  vocab: i32,
): void {
  meanLossVjp<CrossEntropy>(out, g, logits, targets, weights, rows, vocab)
}

// @ts-ignore: decorator
@unmanaged
class CrossEntropy extends RowLoss {
  // @ts-ignore: decorator
  @inline
  targetsOf(_: i32): i32 {
    return 1
  }

  // @ts-ignore: decorator
  @inline
  counts(target: usize): bool {
    return load<i32>(target) >= 0
  }

  // @ts-ignore: decorator
  @inline
  loss(x: usize, target: usize, width: i32): f64 {
    const id = load<i32>(target)
    const largest = rowMax(x, width)
    const logit = id < width ? load<f32>(x + (<usize>id << 2)) : NaN
    return log1(rowExpSum(x, width, largest)) + <f64>largest - <f64>logit
  }

  // @ts-ignore: decorator
  @inline
  slope(out: usize, x: usize, target: usize, width: i32, factor: f32): void {
    const id = load<i32>(target)
    rowExp(out, x, width, rowMax(x, width))
    rowShiftScale(out, out, width, 0, factor / rowSum(out, width))
    const hit = out + (<usize>id << 2)
    if (id < width) store<f32>(hit, load<f32>(hit) - factor)
  }
}
