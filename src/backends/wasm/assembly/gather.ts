import { addRow, copyRow, fillRow } from './shared/copy'

/**
 * out   [outer, count, width]; `missing` where an id is no row
 * table [outer, rows, width]
 * ids   [count]
 */
export function gather(
  out: usize,
  table: usize,
  ids: usize,
  outer: i32,
  count: i32,
  rows: i32,
  width: i32,
  missing: f32,
): void {
  const row = <usize>width << 2
  for (; outer > 0; outer--) {
    for (let i = 0; i < count; i++) {
      const id = load<u32>(ids + (<usize>i << 2))
      if (id < <u32>rows) copyRow(out, table + <usize>id * row, width)
      else fillRow(out, missing, width)
      out += row
    }
    table += <usize>rows * row
  }
}

/**
 * out [outer, rows, width], sums; an id that is no row adds to none
 * x   [outer, count, width]
 * ids [count]
 */
export function scatter(out: usize, x: usize, ids: usize, outer: i32, count: i32, rows: i32, width: i32): void {
  const row = <usize>width << 2
  memory.fill(out, 0, <usize>(outer * rows) * row)
  for (; outer > 0; outer--) {
    for (let i = 0; i < count; i++) {
      const id = load<u32>(ids + (<usize>i << 2))
      if (id < <u32>rows) addRow(out + <usize>id * row, x, width)
      x += row
    }
    out += <usize>rows * row
  }
}
