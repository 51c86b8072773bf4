import { eachRow, RepeatedRow } from './shared/repeat'

/** out = mask ≠ 0 ? source : value, source and mask repeated; out may be value; loops as in shared/repeat. */
export function overwrite(out: usize, value: usize, source: usize, mask: usize, loops: usize): void {
  eachRow<OverwriteRow>(out, value, source, mask, loops)
}

// @ts-ignore: decorator
@unmanaged
class OverwriteRow extends RepeatedRow {
  of(out: usize, value: usize, source: usize, sourceStep: usize, mask: usize, maskStep: usize, n: i32): void {
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
}
