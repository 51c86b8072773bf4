import { copyRow, fillRow } from './shared/copy'

/**
 * out = x, repeated.
 *
 * out [n0, n1, n2, n3]
 * x   strides s0 … s2, and s3 = 1 or 0 (repeated along the last axis)
 */
export function broadcast(
  out: usize,
  x: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
): void {
  const row = <usize>n3 << 2
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++) {
        const from = x + (<usize>(i * s0 + j * s1 + k * s2) << 2)
        if (s3) copyRow(out, from, n3)
        else fillRow(out, load<f32>(from), n3)
        out += row
      }
    }
  }
}
