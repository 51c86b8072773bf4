// Copies of the operands of a matmul in the order in which its tiles read them.

export const TILE_ROWS: i32 = 5
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

/** strip [depth, 5] = the first columns of a [depth, height], rows `stride` apart, padded with zeros. */
export function packStrip(strip: usize, a: usize, stride: i32, depth: i32, height: i32): void {
  const step = <usize>stride << 2
  for (let k = 0; k < depth; k++) {
    if (height >= TILE_ROWS) {
      v128.store(strip, v128.load(a))
      store<f32>(strip, load<f32>(a, 16), 16)
    } else {
      for (let i = 0; i < TILE_ROWS; i++) {
        const at = <usize>i << 2
        store<f32>(strip + at, i < height ? load<f32>(a + at) : 0)
      }
    }
    strip += TILE_ROWS << 2
    a += step
  }
}

/** strip [depth, 5] = the transpose of the first rows of a [height, depth], rows `stride` apart; then the last again. */
export function packRows(strip: usize, a: usize, stride: i32, depth: i32, height: i32): void {
  const step = <usize>stride << 2
  const a1 = height > 1 ? a + step : a
  const a2 = height > 2 ? a1 + step : a1
  const a3 = height > 3 ? a2 + step : a2
  const a4 = height > 4 ? a3 + step : a3
  let at: usize = 0
  for (; depth >= 4; depth -= 4) {
    transposeRows(strip, TILE_ROWS << 2, v128.load(a + at), v128.load(a1 + at), v128.load(a2 + at), v128.load(a3 + at))
    const last = v128.load(a4 + at)
    v128.store_lane<f32>(strip, last, 0, 16)
    v128.store_lane<f32>(strip, last, 1, 36)
    v128.store_lane<f32>(strip, last, 2, 56)
    v128.store_lane<f32>(strip, last, 3, 76)
    strip += TILE_ROWS << 4
    at += 16
  }
  for (; depth > 0; depth--) {
    store<f32>(strip, load<f32>(a + at))
    store<f32>(strip, load<f32>(a1 + at), 4)
    store<f32>(strip, load<f32>(a2 + at), 8)
    store<f32>(strip, load<f32>(a3 + at), 12)
    store<f32>(strip, load<f32>(a4 + at), 16)
    strip += TILE_ROWS << 2
    at += 4
  }
}

/** out, 4 rows `outStep` bytes apart = the transpose of the 4×4 floats at `from`, rows `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(out: usize, outStep: usize, from: usize, step: usize): void {
  transposeRows(
    out,
    outStep,
    v128.load(from),
    v128.load(from + step),
    v128.load(from + step * 2),
    v128.load(from + step * 3),
  )
}

/** out, 4 rows `outStep` bytes apart = the transpose of four rows of four. */
// @ts-ignore: decorator
@inline
function transposeRows(out: usize, outStep: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
  v128.store(out + outStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
  v128.store(out + outStep * 2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
  v128.store(out + outStep * 3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
}
