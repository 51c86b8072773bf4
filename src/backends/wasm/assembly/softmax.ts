// A row that is shorter than this is one lane of four rows that are computed together; a longer one goes through the
// lanes by itself. A masked row is summed in the order in which the whole row would be, so that both give the same bits.

import { fillRow } from './shared/copy'
import { eachOfTwoWith, OfTwoWith } from './shared/elementwise'
import { fourAt, storeFour } from './shared/lanes'
import { exp4 } from './shared/math'
import { multiplyAdd } from './shared/multiply-add'
import { rowDot, rowExp, rowMax, rowShiftScale, rowSum } from './shared/rows'

const SHORT: i32 = 16

/**
 * out, x [rows, width], rows that sum to 1.
 * scratch [16, 4]
 */
export function softmax(out: usize, x: usize, rows: i32, width: i32, scratch: usize): void {
  const row = <usize>width << 2
  if (width <= SHORT) {
    for (; rows >= 4; rows -= 4) {
      fourRows(out, x, row, width, scratch)
      out += row << 2
      x += row << 2
    }
  }
  for (; rows > 0; rows--) {
    oneRow(out, x, width, width, scratch)
    out += row
    x += row
  }
}

/**
 * out, x [matrices, queries, keys]: softmax over the first visible[query] keys, 0 for the others.
 * visible [queries] i32
 * scratch [16, 4]
 */
export function causalSoftmax(
  out: usize,
  x: usize,
  visible: usize,
  matrices: i32,
  queries: i32,
  keys: i32,
  scratch: usize,
): void {
  const row = <usize>keys << 2
  const matrix = <usize>queries * row
  if (keys <= SHORT) {
    for (; matrices >= 4; matrices -= 4) {
      for (let query: usize = 0; query < <usize>queries; query++) {
        const seen = min(load<i32>(visible + (query << 2)), keys)
        const to = out + query * row
        fourRows(to, x + query * row, matrix, seen, scratch)
        for (let key = seen; key < keys; key++) storeFour(to + (<usize>key << 2), matrix, f32x4.splat(0))
      }
      out += matrix << 2
      x += matrix << 2
    }
  }
  for (; matrices > 0; matrices--) {
    for (let query: usize = 0; query < <usize>queries; query++) {
      oneRow(out, x, min(load<i32>(visible + (query << 2)), keys), keys, scratch)
      out += row
      x += row
    }
  }
}

/** out, x: the first n of four rows that lie `step` bytes apart; scratch [n, 4]. */
function fourRows(out: usize, x: usize, step: usize, n: i32, scratch: usize): void {
  const end = scratch + (<usize>n << 4)
  let top = fourAt(x, step)
  for (let at = scratch; at < end; at += 16) {
    const four = fourAt(x, step)
    v128.store(at, four)
    top = f32x4.pmax(top, four)
    x += 4
  }
  let sum = f32x4.splat(0)
  for (let at = scratch; at < end; at += 16) {
    const power = exp4(f32x4.sub(v128.load(at), top))
    v128.store(at, power)
    sum = f32x4.add(sum, power)
  }
  const factor = f32x4.div(f32x4.splat(1), sum)
  for (let at = scratch; at < end; at += 16) {
    storeFour(out, step, f32x4.mul(v128.load(at), factor))
    out += 4
  }
}

/** out [width] = softmax of x [seen], then zeros. */
function oneRow(out: usize, x: usize, seen: i32, width: i32, scratch: usize): void {
  if (width <= SHORT) fourRows(out, x, 0, seen, scratch)
  else rowExp(out, x, seen, rowMax(x, seen))
  fillRow(out + (<usize>seen << 2), 0, width - seen)
  if (width > SHORT) rowShiftScale(out, out, width, 0, 1 / rowSum(out, width))
}

/**
 * out  [rows, width] = y (g − Σ g y)
 * y, g [rows, width]
 */
export function softmaxVjp(out: usize, y: usize, g: usize, rows: i32, width: i32): void {
  const row = <usize>width << 2
  if (width <= SHORT) {
    for (; rows >= 4; rows -= 4) {
      fourRowsVjp(out, y, g, row, width)
      out += row << 2
      y += row << 2
      g += row << 2
    }
  }
  for (; rows > 0; rows--) {
    if (width <= SHORT) fourRowsVjp(out, y, g, 0, width)
    else oneRowVjp(out, y, g, width)
    out += row
    y += row
    g += row
  }
}

/** Four rows that lie `step` bytes apart. */
function fourRowsVjp(out: usize, y: usize, g: usize, step: usize, n: i32): void {
  const end = <usize>n << 2
  let dot = f32x4.splat(0)
  for (let at: usize = 0; at < end; at += 4) dot = multiplyAdd(fourAt(g + at, step), fourAt(y + at, step), dot)
  for (let at: usize = 0; at < end; at += 4) {
    storeFour(out + at, step, f32x4.mul(fourAt(y + at, step), f32x4.sub(fourAt(g + at, step), dot)))
  }
}

function oneRowVjp(out: usize, y: usize, g: usize, n: i32): void {
  eachOfTwoWith<SoftmaxVjp>(out, y, g, n, f32x4.splat(rowDot(g, y, n)))
}

// @ts-ignore: decorator
@unmanaged
class SoftmaxVjp extends OfTwoWith {
  // @ts-ignore: decorator
  @inline
  of(y: v128, g: v128, dot: v128): v128 {
    return f32x4.mul(y, f32x4.sub(g, dot))
  }
}
