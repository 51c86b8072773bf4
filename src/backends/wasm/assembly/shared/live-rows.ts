// Rows of zeros, as gradients have them where nobody looked a row up, give zeros: no matmul has to multiply them.

import { copyRow, fillRow } from './copy'

/** live [≤ rows] i32 = the rows of x [rows, width], `stride` apart, that are not all zeros. Gives how many. */
export function liveRows(live: usize, x: usize, stride: i32, rows: i32, width: i32): i32 {
  let count = 0
  for (let row = 0; row < rows; row++) {
    // Written in any case, and kept by counting it.
    store<i32>(live + (<usize>count << 2), row)
    count += isLive(x, width)
    x += <usize>stride << 2
  }
  return count
}

/** 1 if a number of x [n] is not zero (or is none). */
function isLive(x: usize, n: i32): i32 {
  // What a shift pushes out is the sign.
  for (; n >= 4; n -= 4) {
    if (v128.any_true(i32x4.shl(v128.load(x), 1))) return 1
    x += 16
  }
  for (; n > 0; n--) {
    if (load<i32>(x) << 1) return 1
    x += 4
  }
  return 0
}

/** Moves the first `count` rows of out [rows, width], `stride` apart, to where live [count] says; the others are `rest` [width]. */
export function spreadRows(
  out: usize,
  stride: i32,
  live: usize,
  count: i32,
  rows: i32,
  width: i32,
  rest: usize,
): void {
  const step = <usize>stride << 2
  for (let row = rows - 1; row >= 0; row--) {
    const to = out + <usize>row * step
    if (count > 0 && load<i32>(live + (<usize>(count - 1) << 2)) == row) {
      count--
      if (count != row) copyRow(to, out + <usize>count * step, width)
    } else if (rest) copyRow(to, rest, width)
    else fillRow(to, 0, width)
  }
}
