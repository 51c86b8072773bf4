import { copyRow } from './shared/copy'

/** Some columns of out [rows, outWidth] = x [rows, width]; `out` is where the first of them begins. */
export function copyColumns(out: usize, outWidth: i32, x: usize, rows: i32, width: i32): void {
  for (; rows > 0; rows--) {
    copyRow(out, x, width)
    out += <usize>outWidth << 2
    x += <usize>width << 2
  }
}
