import { copyRow, fillRow } from './shared/copy'

/**
 * out, x  [rows, width]: the rows of x that ids name, zeros for the others
 * ids     [count]; an id that is no row keeps none
 * scratch [rows] i32
 */
export function keepRows(
  out: usize,
  x: usize,
  ids: usize,
  count: i32,
  rows: i32,
  width: i32,
  scratch: usize,
): void {
  memory.fill(scratch, 0, <usize>rows << 2)
  for (let i = 0; i < count; i++) {
    const id = load<u32>(ids + (<usize>i << 2))
    if (id < <u32>rows) store<i32>(scratch + (<usize>id << 2), 1)
  }
  for (let row = 0; row < rows; row++) {
    if (load<i32>(scratch + (<usize>row << 2))) copyRow(out, x, width)
    else fillRow(out, 0, width)
    out += <usize>width << 2
    x += <usize>width << 2
  }
}
