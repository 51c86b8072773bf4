import { copyRow } from './shared/copy'

/**
 * out [batch, n + m, width]: rows of a at even places, of b at odd ones
 * a   [batch, n, width], n = m or m + 1
 * b   [batch, m, width]
 */
export function interleave(out: usize, a: usize, b: usize, batch: i32, n: i32, m: i32, width: i32): void {
  const row = <usize>width << 2
  for (let i = 0; i < batch; i++) {
    for (let j = 0; j < n; j++) {
      copyRow(out, a, width)
      out += row
      a += row
      if (j >= m) continue
      copyRow(out, b, width)
      out += row
      b += row
    }
  }
}
