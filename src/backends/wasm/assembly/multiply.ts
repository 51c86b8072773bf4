import { loadPart, storePart } from './shared/lanes'

/**
 * out = a · b, b repeated; out may be a.
 *
 * out, a [n0, n1, n2, n3]
 * b      strides s0 … s2, and s3 = 1 or 0 (repeated along the last axis)
 */
export function multiply(
  out: usize,
  a: usize,
  b: usize,
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
        const from = b + (<usize>(i * s0 + j * s1 + k * s2) << 2)
        if (s3) multiplyRow(out, a, from, n3)
        else scaleRow(out, a, load<f32>(from), n3)
        out += row
        a += row
      }
    }
  }
}

/** out [n] = a [n] · b [n] */
function multiplyRow(out: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(b)))
    out += 16
    a += 16
    b += 16
  }
  if (n > 0) storePart(out, f32x4.mul(loadPart(a, n), loadPart(b, n)), n)
}

/** out [n] = a [n] · factor */
function scaleRow(out: usize, a: usize, factor: f32, n: i32): void {
  const factors = f32x4.splat(factor)
  for (; n >= 4; n -= 4) {
    v128.store(out, f32x4.mul(v128.load(a), factors))
    out += 16
    a += 16
  }
  if (n > 0) storePart(out, f32x4.mul(loadPart(a, n), factors), n)
}
