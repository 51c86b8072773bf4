import { fillRow } from './shared/copy'
import { exp1, log1 } from './shared/math'

// For each label of the context the log of the sum of exp(score) over its tokens. Contexts are a few tokens long, so
// each token looks through all the others.

/**
 * out    [batch, vocab], `floor` where no label points
 * scores [batch, length]
 * labels [batch, length]
 */
export function copyLogits(
  out: usize,
  scores: usize,
  labels: usize,
  batch: i32,
  length: i32,
  vocab: i32,
  floor: f32,
): void {
  const row = <usize>length << 2
  for (let b = 0; b < batch; b++) {
    fillRow(out, floor, vocab)
    for (let i = 0; i < length; i++) {
      const label = load<u32>(labels + (<usize>i << 2))
      if (label >= <u32>vocab) continue
      const largest = largestOf(scores, labels, length, label)
      const sum = sumOf(scores, labels, length, label, largest)
      // One token: its own score, bit for bit.
      store<f32>(out + (<usize>label << 2), sum == 1 ? largest : <f32>(<f64>largest + log1(sum)))
    }
    out += <usize>vocab << 2
    scores += row
    labels += row
  }
}

/**
 * out    [batch, length] = g[label] · exp(score) / Σ exp(score) over the tokens of the same label
 * scores [batch, length]
 * labels [batch, length]
 * g      [batch, vocab]
 */
export function copyLogitsVjp(
  out: usize,
  scores: usize,
  labels: usize,
  g: usize,
  batch: i32,
  length: i32,
  vocab: i32,
): void {
  const row = <usize>length << 2
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < length; i++) {
      const at = <usize>i << 2
      const label = load<u32>(labels + at)
      let slope: f32 = 0
      if (label < <u32>vocab) {
        const largest = largestOf(scores, labels, length, label)
        const share = exp1(load<f32>(scores + at) - largest) / sumOf(scores, labels, length, label, largest)
        slope = share * load<f32>(g + (<usize>label << 2))
      }
      store<f32>(out + at, slope)
    }
    out += row
    scores += row
    labels += row
    g += <usize>vocab << 2
  }
}

function largestOf(scores: usize, labels: usize, length: i32, label: u32): f32 {
  let largest: f32 = -Infinity
  for (let i = 0; i < length; i++) {
    const at = <usize>i << 2
    if (load<u32>(labels + at) == label) largest = max(largest, load<f32>(scores + at))
  }
  return largest
}

function sumOf(scores: usize, labels: usize, length: i32, label: u32, largest: f32): f32 {
  let sum: f32 = 0
  for (let i = 0; i < length; i++) {
    const at = <usize>i << 2
    if (load<u32>(labels + at) == label) sum += exp1(load<f32>(scores + at) - largest)
  }
  return sum
}
