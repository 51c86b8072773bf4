// Four floats at a time, and the one to three that are left over at the end of a buffer.

/** x [count < 4], then zeros. */
// @ts-ignore: decorator
@inline
export function loadPart(x: usize, count: i32): v128 {
  let values = v128.load32_zero(x)
  if (count > 1) values = v128.load_lane<f32>(x, values, 1, 4)
  if (count > 2) values = v128.load_lane<f32>(x, values, 2, 8)
  return values
}

/** out [count < 4] = the first lanes. */
// @ts-ignore: decorator
@inline
export function storePart(out: usize, values: v128, count: i32): void {
  v128.store_lane<f32>(out, values, 0)
  if (count > 1) v128.store_lane<f32>(out, values, 1, 4)
  if (count > 2) v128.store_lane<f32>(out, values, 2, 8)
}

/** Four floats that lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function fourAt(x: usize, step: usize): v128 {
  let values = v128.load32_zero(x)
  values = v128.load_lane<f32>(x + step, values, 1)
  values = v128.load_lane<f32>(x + step * 2, values, 2)
  return v128.load_lane<f32>(x + step * 3, values, 3)
}

/** Stores the lanes `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function storeFour(out: usize, step: usize, values: v128): void {
  v128.store_lane<f32>(out, values, 0)
  v128.store_lane<f32>(out + step, values, 1)
  v128.store_lane<f32>(out + step * 2, values, 2)
  v128.store_lane<f32>(out + step * 3, values, 3)
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(values: v128): f32 {
  const pairs = f32x4.add(values, v128.shuffle<f32>(values, values, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** The sum of the first lanes, count < 4. */
// @ts-ignore: decorator
@inline
export function sumOfPart(values: v128, count: i32): f32 {
  let sum = f32x4.extract_lane(values, 0)
  if (count > 1) sum += f32x4.extract_lane(values, 1)
  if (count > 2) sum += f32x4.extract_lane(values, 2)
  return sum
}

/** The sums of the lanes of a, of b, of c and of d. */
// @ts-ignore: decorator
@inline
export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}
