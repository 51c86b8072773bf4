import { copyRow, fillRow } from './shared/copy'

/** out, x [matrices, queries, keys]; visible [queries] i32: value where key >= visible[query]; out may be x. */
export function causalMask(
  out: usize,
  x: usize,
  visible: usize,
  matrices: i32,
  queries: i32,
  keys: i32,
  value: f32,
): void {
  const row = <usize>keys << 2
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let query = 0; query < queries; query++) {
      const seen = min(load<i32>(visible + (<usize>query << 2)), keys)
      if (out != x) copyRow(out, x, seen)
      fillRow(out + (<usize>seen << 2), value, keys - seen)
      out += row
      x += row
    }
  }
}
