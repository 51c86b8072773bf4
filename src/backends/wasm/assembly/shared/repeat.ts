/** What happens to one row, whose repeated values a and b have steps of 4 bytes, or 0 where one number serves all. */
// @ts-ignore: decorator
@unmanaged
export abstract class RepeatedRow {
  abstract of(out: usize, x: usize, a: usize, aStep: usize, b: usize, bStep: usize, n: i32): void
}

/**
 * Every row of out and x, with what a and b repeat for it.
 *
 * out, x [n0, n1, n2, n3]
 * a, b   any shape that repeats to that one
 * loops  [12] i32: n0 … n3, the strides of a, the strides of b; the last strides are 1 or 0 (repeated along the row)
 */
export function eachRow<F extends RepeatedRow>(out: usize, x: usize, a: usize, b: usize, loops: usize): void {
  const n2 = load<i32>(loops, 8)
  const n3 = load<i32>(loops, 12)
  const row = <usize>n3 << 2
  const aDown = <usize>load<i32>(loops, 24) << 2
  const bDown = <usize>load<i32>(loops, 40) << 2
  const aStep = <usize>load<i32>(loops, 28) << 2
  const bStep = <usize>load<i32>(loops, 44) << 2
  for (let i = 0; i < load<i32>(loops); i++) {
    for (let j = 0; j < load<i32>(loops, 4); j++) {
      let aAt = a + startOf(loops + 16, i, j)
      let bAt = b + startOf(loops + 32, i, j)
      for (let k = 0; k < n2; k++) {
        changetype<F>(0).of(out, x, aAt, aStep, bAt, bStep, n3)
        out += row
        x += row
        aAt += aDown
        bAt += bDown
      }
    }
  }
}

/** Where a value begins, in bytes, given its strides. */
// @ts-ignore: decorator
@inline
export function startOf(strides: usize, i: i32, j: i32): usize {
  return <usize>(i * load<i32>(strides) + j * load<i32>(strides, 4)) << 2
}
