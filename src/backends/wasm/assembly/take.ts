import { addRow, copyRow } from './shared/copy'

/**
 * out     [outer, count, inner]
 * x       [outer, length, inner]
 * indices [count], each below length
 */
export function take(out: usize, x: usize, indices: usize, outer: i32, count: i32, length: i32, inner: i32): void {
  const row = <usize>inner << 2
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      copyRow(out, x + <usize>load<i32>(indices + (<usize>i << 2)) * row, inner)
      out += row
    }
    x += <usize>length * row
  }
}

/**
 * out     [outer, length, inner], sums
 * x       [outer, count, inner]
 * indices [count], each below length
 */
export function put(out: usize, x: usize, indices: usize, outer: i32, count: i32, length: i32, inner: i32): void {
  const row = <usize>inner << 2
  memory.fill(out, 0, <usize>(outer * length) * row)
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      addRow(out + <usize>load<i32>(indices + (<usize>i << 2)) * row, x, inner)
      x += row
    }
    out += <usize>length * row
  }
}
