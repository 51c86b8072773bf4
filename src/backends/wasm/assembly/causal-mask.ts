import { copyRow, fillRow } from './shared/copy'

/** out, x [matrices, queries, keys]: where key > query, value; out may be x. */
export function causalMask(out: usize, x: usize, matrices: i32, queries: i32, keys: i32, value: f32): void {
  const row = <usize>keys << 2
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let query = 0; query < queries; query++) {
      const seen = min(query + 1, keys)
      if (out != x) copyRow(out, x, seen)
      fillRow(out + (<usize>seen << 2), value, keys - seen)
      out += row
      x += row
    }
  }
}
