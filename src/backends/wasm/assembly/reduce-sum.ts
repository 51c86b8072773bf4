import { rowSum } from './shared/rows'

/**
 * out = Σ x over the axes along which out has stride 0.
 *
 * out [size], strides s0 … s2, and s3 = 1 or 0; where s3 = 1, s2 = 0
 * x   [n0, n1, n2, n3]
 */
export function reduceSum(
  out: usize,
  size: i32,
  x: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
): void {
  memory.fill(out, 0, <usize>size << 2)
  const matrix = <usize>(n2 * n3) << 2
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      const to = out + (<usize>(i * s0 + j * s1) << 2)
      if (s3) addRows(to, x, n2, n3)
      else addSums(to, x, n2, n3, s2)
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
