// out = mask ≠ 0 ? source : value, source and mask repeated; out may be value.

/**
 * out, value [n0, n1, n2, n3]
 * source     strides s0 … s2, and s3 = 1 or 0 (repeated along the last axis)
 * mask       strides m0 … m2, and m3 = 1 or 0
 */
export function overwrite(
  out: usize,
  value: usize,
  source: usize,
  mask: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  m0: i32,
  m1: i32,
  m2: i32,
  m3: i32,
): void {
  const row = <usize>n3 << 2
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++) {
        const from = source + (<usize>(i * s0 + j * s1 + k * s2) << 2)
        const where = mask + (<usize>(i * m0 + j * m1 + k * m2) << 2)
        overwriteRow(out, value, from, <usize>s3 << 2, where, <usize>m3 << 2, n3)
        out += row
        value += row
      }
    }
  }
}

/** One row [n]; the steps of source and mask are 4 bytes or 0. */
function overwriteRow(
  out: usize,
  value: usize,
  source: usize,
  sourceStep: usize,
  mask: usize,
  maskStep: usize,
  n: i32,
): void {
  const zero = f32x4.splat(0)
  for (; n >= 4; n -= 4) {
    const from = sourceStep ? v128.load(source) : v128.load32_splat(source)
    const kept = f32x4.eq(maskStep ? v128.load(mask) : v128.load32_splat(mask), zero)
    v128.store(out, v128.bitselect(v128.load(value), from, kept))
    out += 16
    value += 16
    source += sourceStep << 2
    mask += maskStep << 2
  }
  for (; n > 0; n--) {
    store<u32>(out, load<f32>(mask) == 0 ? load<u32>(value) : load<u32>(source))
    out += 4
    value += 4
    source += sourceStep
    mask += maskStep
  }
}
