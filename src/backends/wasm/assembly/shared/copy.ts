// Moving rows of four-byte numbers. A loop of our own: rows are short, and a call of memory.copy costs more than one.

const LONG: i32 = 256

/** out [n] = x [n] */
export function copyRow(out: usize, x: usize, n: i32): void {
  if (n > LONG) {
    memory.copy(out, x, <usize>n << 2)
    return
  }
  for (; n >= 4; n -= 4) {
    v128.store(out, v128.load(x))
    out += 16
    x += 16
  }
  for (; n > 0; n--) {
    store<u32>(out, load<u32>(x))
    out += 4
    x += 4
  }
}

/** out [n] += x [n] */
export function addRow(out: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(out, f32x4.add(v128.load(out), v128.load(x)))
    out += 16
    x += 16
  }
  for (; n > 0; n--) {
    store<f32>(out, load<f32>(out) + load<f32>(x))
    out += 4
    x += 4
  }
}

/** out [n] = value */
export function fillRow(out: usize, value: f32, n: i32): void {
  const values = f32x4.splat(value)
  for (; n >= 4; n -= 4) {
    v128.store(out, values)
    out += 16
  }
  for (; n > 0; n--) {
    store<f32>(out, value)
    out += 4
  }
}
