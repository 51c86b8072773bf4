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

/** panel [depth, 8] = the transpose of the first rows of b [width, depth], rows `stride` apart, padded with zeros. */
export function packColumns(panel: usize, b: usize, stride: i32, depth: i32, width: i32): void {
  const step = <usize>stride << 2
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

/**
 * panels [columns / 8 rounded up, depth, 8] = the rows live [depth] of b [.., columns], rows `stride` apart, padded with
 * zeros.
 */
export function packPanels(panels: usize, b: usize, stride: i32, live: usize, depth: i32, columns: i32): void {
  const panelBytes = <usize>depth * (TILE_COLUMNS << 2)
  for (let k = 0; k < depth; k++) {
    let from = b + (<usize>(load<i32>(live) * stride) << 2)
    let to = panels
    let width = columns
    for (; width >= TILE_COLUMNS; width -= TILE_COLUMNS) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
      from += TILE_COLUMNS << 2
      to += panelBytes
    }
    if (width > 0) {
      for (let j = 0; j < TILE_COLUMNS; j++) {
        const at = <usize>j << 2
        store<f32>(to + at, j < width ? load<f32>(from + at) : 0)
      }
    }
    panels += TILE_COLUMNS << 2
    live += 4
  }
}

/** strip [depth, 5] = the first columns of the rows live [depth] of a [.., height], rows `stride` apart, padded with zeros. */
export function packStrip(strip: usize, a: usize, stride: i32, live: usize, depth: i32, height: i32): void {
  const end = live + (<usize>depth << 2)
  const step = <usize>stride << 2
  if (height >= TILE_ROWS) {
    for (; live < end; live += 4) {
      const from = a + <usize>load<u32>(live) * step
      v128.store(strip, v128.load(from))
      store<f32>(strip, load<f32>(from, 16), 16)
      strip += TILE_ROWS << 2
    }
    return
  }
  for (; live < end; live += 4) {
    const from = a + <usize>load<u32>(live) * step
    for (let i = 0; i < TILE_ROWS; i++) {
      const at = <usize>i << 2
      store<f32>(strip + at, i < height ? load<f32>(from + at) : 0)
    }
    strip += TILE_ROWS << 2
  }
}

/**
 * strip [depth, 5] = the transpose of the first of the rows live [height] of a [.., depth], rows `stride` apart; then the
 * last again.
 */
export function packRows(strip: usize, a: usize, stride: i32, live: usize, depth: i32, height: i32): void {
  const last = min(height, TILE_ROWS) - 1
  const a0 = rowAt(a, stride, live, 0)
  const a1 = rowAt(a, stride, live, min(1, last))
  const a2 = rowAt(a, stride, live, min(2, last))
  const a3 = rowAt(a, stride, live, min(3, last))
  const a4 = rowAt(a, stride, live, last)
  let at: usize = 0
  for (; depth >= 4; depth -= 4) {
    transposeRows(strip, TILE_ROWS << 2, v128.load(a0 + at), v128.load(a1 + at), v128.load(a2 + at), v128.load(a3 + at))
    const fifth = v128.load(a4 + at)
    v128.store_lane<f32>(strip, fifth, 0, 16)
    v128.store_lane<f32>(strip, fifth, 1, 36)
    v128.store_lane<f32>(strip, fifth, 2, 56)
    v128.store_lane<f32>(strip, fifth, 3, 76)
    strip += TILE_ROWS << 4
    at += 16
  }
  for (; depth > 0; depth--) {
    store<f32>(strip, load<f32>(a0 + at))
    store<f32>(strip, load<f32>(a1 + at), 4)
    store<f32>(strip, load<f32>(a2 + at), 8)
    store<f32>(strip, load<f32>(a3 + at), 12)
    store<f32>(strip, load<f32>(a4 + at), 16)
    strip += TILE_ROWS << 2
    at += 4
  }
}

// @ts-ignore: decorator
@inline
function rowAt(a: usize, stride: i32, live: usize, i: i32): usize {
  return a + (<usize>(load<i32>(live + (<usize>i << 2)) * stride) << 2)
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
