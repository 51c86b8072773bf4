// Copies of the operands of a matmul in the order in which its tiles read them.

export const TILE_ROWS: i32 = 4
export const TILE_COLUMNS: i32 = 8

/** panel [depth, 8] = the first columns of b [depth, width] with rows `stride` apart, padded with zeros. */
export function packPanel(panel: usize, b: usize, stride: i32, depth: i32, width: i32): void {
  const step = <usize>stride << 2
  if (width >= TILE_COLUMNS) {
    for (let k = 0; k < depth; k++) {
      v128.store(panel, v128.load(b))
      v128.store(panel, v128.load(b, 16), 16)
      panel += 32
      b += step
    }
    return
  }
  for (let k = 0; k < depth; k++) {
    v128.store(panel, f32x4.splat(0))
    v128.store(panel, f32x4.splat(0), 16)
    for (let j = 0; j < width; j++) store<f32>(panel + (<usize>j << 2), load<f32>(b + (<usize>j << 2)))
    panel += 32
    b += step
  }
}

/** panel [depth, 8] = the transpose of the first rows of b [width, depth], padded with zeros. */
export function packColumns(panel: usize, b: usize, depth: i32, width: i32): void {
  const step = <usize>depth << 2
  let k = 0
  if (width >= TILE_COLUMNS) {
    for (; k + 4 <= depth; k += 4) {
      const from = b + (<usize>k << 2)
      const to = panel + (<usize>k << 5)
      transpose4(to, 32, from, step)
      transpose4(to + 16, 32, from + (step << 2), step)
    }
  }
  for (; k < depth; k++) {
    const to = panel + (<usize>k << 5)
    for (let j = 0; j < TILE_COLUMNS; j++) {
      store<f32>(to + (<usize>j << 2), j < width ? load<f32>(b + <usize>j * step + (<usize>k << 2)) : 0)
    }
  }
}

/** strip [4 or less, depth] = the transpose of the first columns of a [depth, height], rows `stride` apart. */
export function packStrip(strip: usize, a: usize, stride: i32, depth: i32, height: i32): void {
  const step = <usize>stride << 2
  const stripStep = <usize>depth << 2
  let k = 0
  if (height >= TILE_ROWS) {
    for (; k + 4 <= depth; k += 4) {
      transpose4(strip, stripStep, a, step)
      strip += 16
      a += step << 2
    }
  }
  for (; k < depth; k++) {
    for (let i = 0; i < min(height, TILE_ROWS); i++) store<f32>(strip + <usize>i * stripStep, load<f32>(a + (<usize>i << 2)))
    strip += 4
    a += step
  }
}

/** out, 4 rows `outStep` bytes apart = the transpose of the 4×4 floats at `from`, rows `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(out: usize, outStep: usize, from: usize, step: usize): void {
  const r0 = v128.load(from)
  const r1 = v128.load(from + step)
  const r2 = v128.load(from + step * 2)
  const r3 = v128.load(from + step * 3)
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
  v128.store(out + outStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
  v128.store(out + outStep * 2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
  v128.store(out + outStep * 3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
}
