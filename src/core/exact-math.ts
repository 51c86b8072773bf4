/**
 * Logarithm, cosine, sine and powers from + - * / alone. `Math.log`, `Math.cos` and `**` may differ in the last bit from
 * one engine to the next; these may not, so a seed gives the same bits everywhere.
 * Plain series on a reduced range; errors are a few 1e-16.
 */

const ln2 = Math.LN2
const quarterTurn = Math.PI / 2
const sqrtHalf = Math.SQRT1_2

/** 2^-e for e = 0..32. */
const halves = Float64Array.from({ length: 33 }, (_, e) => (e === 0 ? 1 : 0.5 / ((1 << (e - 1)) >>> 0)))

/** Natural logarithm of (word + 1/2) / 2^32: never of 0, never of 1. */
export function logOfWord(word: number): number {
  const bits = 32 - Math.clz32(word)
  let exponent = bits - 32
  let mantissa = (word + 0.5) * halves[bits] // in [1/2, 1)
  if (mantissa < sqrtHalf) {
    mantissa *= 2
    exponent -= 1
  }
  // ln m = 2 artanh s, |s| < 0.172
  const s = (mantissa - 1) / (mantissa + 1)
  const x = s * s
  let sum = 1 / 23
  for (let odd = 21; odd >= 1; odd -= 2) sum = sum * x + 1 / odd
  return exponent * ln2 + 2 * s * sum
}

/** Writes cos and sin of a turn's fraction word / 2^32 to `out[0]` and `out[1]`. */
export function cosSinOfWord(word: number, out: Float64Array): void {
  const shifted = (word + 0x20000000) >>> 0
  const quarter = shifted >>> 30
  // the angle from the nearest quarter turn, in [-pi/4, pi/4)
  const angle = (((shifted & 0x3fffffff) - 0x20000000) / 0x40000000) * quarterTurn
  const cos = cosNearZero(angle)
  const sin = sinNearZero(angle)
  out[0] = quarter === 0 ? cos : quarter === 1 ? -sin : quarter === 2 ? -cos : sin
  out[1] = quarter === 0 ? sin : quarter === 1 ? cos : quarter === 2 ? -sin : -cos
}

/** cos(π x) for x from 0 to 1. */
export function cosOfHalfTurn(x: number): number {
  if (x > 0.75) return -cosNearZero((1 - x) * Math.PI)
  return x < 0.25 ? cosNearZero(x * Math.PI) : sinNearZero((0.5 - x) * Math.PI)
}

/** For angles up to an eighth of a turn. */
function cosNearZero(angle: number): number {
  const x = angle * angle
  let cos = 1
  for (let n = 16; n >= 2; n -= 2) cos = 1 - (x / (n * (n - 1))) * cos
  return cos
}

/** For angles up to an eighth of a turn. */
function sinNearZero(angle: number): number {
  const x = angle * angle
  let sin = 1
  for (let n = 17; n >= 3; n -= 2) sin = 1 - (x / (n * (n - 1))) * sin
  return sin * angle
}

/** A whole, not negative, power: by squaring. */
export function power(base: number, exponent: number): number {
  if (exponent === 0) return 1
  const root = power(base, Math.floor(exponent / 2))
  return exponent % 2 === 0 ? root * root : root * root * base
}
