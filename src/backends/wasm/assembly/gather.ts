import { addRow, copyRow, fillRow } from './shared/copy'

/**
 * out   [count, width]; NaN where there is no such row
 * table [rows, width]
 * ids   [count]
 */
export function gather(out: usize, table: usize, ids: usize, count: i32, rows: i32, width: i32): void {
  const row = <usize>width << 2
  for (let i = 0; i < count; i++) {
    const id = load<u32>(ids + (<usize>i << 2))
    if (id < <u32>rows) copyRow(out, table + <usize>id * row, width)
    else fillRow(out, NaN, width)
    out += row
  }
}

/**
 * out [rows, width], sums; an id that is no row adds to none
 * g   [count, width]
 * ids [count]
 */
export function gatherVjp(out: usize, g: usize, ids: usize, count: i32, rows: i32, width: i32): void {
  const row = <usize>width << 2
  memory.fill(out, 0, <usize>rows * row)
  for (let i = 0; i < count; i++) {
    const id = load<u32>(ids + (<usize>i << 2))
    if (id < <u32>rows) addRow(out + <usize>id * row, g, width)
    g += row
  }
}
