import { storePart, loadPart } from './shared/lanes'
import { exp1, exp4, log1 } from './shared/math'
import { rowMax, rowShiftScale, rowSum } from './shared/rows'

/**
 * out     [] = the mean of −log softmax[target] over the targets ≥ 0; 0 when there are none
 * logits  [rows, vocab]
 * targets [rows]
 */
export function crossEntropy(out: usize, logits: usize, targets: usize, rows: i32, vocab: i32): void {
  let sum: f64 = 0
  let count = 0
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets + (<usize>row << 2))
    if (target >= 0) {
      const largest = rowMax(logits, vocab)
      const logit = target < vocab ? load<f32>(logits + (<usize>target << 2)) : NaN
      sum += log1(sumOfExp(logits, vocab, largest)) + <f64>largest - <f64>logit
      count++
    }
    logits += <usize>vocab << 2
  }
  store<f32>(out, count == 0 ? 0 : <f32>(sum / <f64>count))
}

/** Σ exp(x − shift), x [n] */
function sumOfExp(x: usize, n: i32, shift: f32): f32 {
  const shifts = f32x4.splat(shift)
  let sums = f32x4.splat(0)
  for (; n >= 4; n -= 4) {
    sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(x), shifts)))
    x += 16
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)
  sum += f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3)
  for (; n > 0; n--) {
    sum += exp1(load<f32>(x) - shift)
    x += 4
  }
  return sum
}

/**
 * out     [rows, vocab] = g / count · (softmax − one-hot target); 0 where the target is below 0
 * logits  [rows, vocab]
 * targets [rows]
 * g       []
 */
export function crossEntropyVjp(out: usize, logits: usize, targets: usize, g: usize, rows: i32, vocab: i32): void {
  let count = 0
  for (let row = 0; row < rows; row++) count += <i32>(load<i32>(targets + (<usize>row << 2)) >= 0)
  const share = load<f32>(g) / <f32>count
  const step = <usize>vocab << 2
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets + (<usize>row << 2))
    if (target < 0) memory.fill(out, 0, step)
    else {
      expRow(out, logits, vocab, rowMax(logits, vocab))
      rowShiftScale(out, out, vocab, 0, share / rowSum(out, vocab))
      const hit = out + (<usize>target << 2)
      if (target < vocab) store<f32>(hit, load<f32>(hit) - share)
    }
    out += step
    logits += step
  }
}

/** out [n] = exp(x − shift) */
function expRow(out: usize, x: usize, n: i32, shift: f32): void {
  const shifts = f32x4.splat(shift)
  for (; n >= 4; n -= 4) {
    v128.store(out, exp4(f32x4.sub(v128.load(x), shifts)))
    out += 16
    x += 16
  }
  if (n > 0) storePart(out, exp4(f32x4.sub(loadPart(x, n), shifts)), n)
}
