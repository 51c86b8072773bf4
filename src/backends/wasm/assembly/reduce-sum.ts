import { startOf } from './shared/repeat'
import { rowSum } from './shared/rows'

/**
 * out = Σ x over the axes along which out has stride 0.
 *
 * out   [size]
 * x     [n0, n1, n2, n3]
 * loops as in shared/repeat, with the strides of out; where the last is 1, the one before is 0
 */
export function reduceSum(out: usize, size: i32, x: usize, loops: usize): void {
  memory.fill(out, 0, <usize>size << 2)
  const n2 = load<i32>(loops, 8)
  const n3 = load<i32>(loops, 12)
  const matrix = <usize>(n2 * n3) << 2
  for (let i = 0; i < load<i32>(loops); i++) {
    for (let j = 0; j < load<i32>(loops, 4); j++) {
      const to = out + startOf(loops + 16, i, j)
      if (load<i32>(loops, 28)) addRows(to, x, n2, n3)
      else addSums(to, x, n2, n3, load<i32>(loops, 24))
      x += matrix
    }
  }
}

/** out [columns] += Σ over the rows of x [rows, columns], 16 columns at a time in registers. */
function addRows(out: usize, x: usize, rows: i32, columns: i32): void {
  const step = <usize>columns << 2
  let column = 0
  for (; column + 16 <= columns; column += 16) {
    let s0 = v128.load(out), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48)
    let at = x + (<usize>column << 2)
    for (let row = 0; row < rows; row++) {
      s0 = f32x4.add(s0, v128.load(at))
      s1 = f32x4.add(s1, v128.load(at, 16))
      s2 = f32x4.add(s2, v128.load(at, 32))
      s3 = f32x4.add(s3, v128.load(at, 48))
      at += step
    }
    v128.store(out, s0)
    v128.store(out, s1, 16)
    v128.store(out, s2, 32)
    v128.store(out, s3, 48)
    out += 64
  }
  for (; column < columns; column++) {
    let sum = load<f32>(out)
    let at = x + (<usize>column << 2)
    for (let row = 0; row < rows; row++) {
      sum += load<f32>(at)
      at += step
    }
    store<f32>(out, sum)
    out += 4
  }
}

/** out [rows], `stride` apart, += the sums of the rows of x [rows, columns]. */
function addSums(out: usize, x: usize, rows: i32, columns: i32, stride: i32): void {
  for (let row = 0; row < rows; row++) {
    store<f32>(out, load<f32>(out) + rowSum(x, columns))
    out += <usize>stride << 2
    x += <usize>columns << 2
  }
}
