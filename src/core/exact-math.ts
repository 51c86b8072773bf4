/**
 * Exponential, logarithm, cosine, sine and powers from + - * / alone. `Math.exp`, `Math.log`, `Math.cos` and `**` may differ
 * in the last bit from one engine to the next (the first two do between Node 20 and Chromium 156); these may not, so a seed
 * gives the same bits everywhere.
 * Plain series on a reduced range; errors are a few 1e-16.
 */

const ln2 = Math.LN2
const LN2_HIGH = 0xb17217f7 / 2 ** 32
/** The remainder of ln 2, so that multiples of both parts are exact enough to subtract. */
const LN2_LOW = ln2 - LN2_HIGH + 2.3190468138462996e-17
const quarterTurn = Math.PI / 2
const sqrtHalf = Math.SQRT1_2

/** The exponents of half of any result of {@link exp}. */
const SPAN = 540
/** 2^e for e = −SPAN..SPAN. */
const powers = powersOfTwo()
const DEGREE = 14
const view = new DataView(new ArrayBuffer(8))

/** Natural logarithm of (word + 1/2) / 2^32: never of 0, never of 1. */
export function logOfWord(word: number): number {
  const bits = 32 - Math.clz32(word)
  let exponent = bits - 32
  let mantissa = (word + 0.5) * powers[SPAN - bits] // in [1/2, 1)
  if (mantissa < sqrtHalf) {
    mantissa *= 2
    exponent -= 1
  }
  return exponent * ln2 + logNearOne(mantissa)
}

/** ln m for m from √½ to √2, as 2 artanh s, |s| < 0.172. */
function logNearOne(mantissa: number): number {
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 1 / 23
  for (let odd = 21; odd >= 1; odd -= 2) sum = sum * square + 1 / odd
  return 2 * s * sum
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

/** e to the power of x. */
export function exp(x: number): number {
  if (!(x > -746)) return Number.isNaN(x) ? x : 0
  if (x > 710) return Number.POSITIVE_INFINITY
  const k = Math.round(x / ln2)
  const rest = x - k * LN2_HIGH - k * LN2_LOW // in [-0.35, 0.35]
  let sum = 1
  for (let n = DEGREE; n >= 1; n--) sum = 1 + (sum * rest) / n
  // In two steps: one factor alone would overflow, or leave the numbers with all their bits, before the result does.
  const half = k >> 1
  return sum * powers[half + SPAN] * powers[k - half + SPAN]
}

/** The natural logarithm of x. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  if (x < 2.2250738585072014e-308) return log(x * 2 ** 54) - 54 * ln2
  view.setFloat64(0, x)
  const high = view.getUint32(0)
  view.setUint32(0, (high & 0xfffff) | 0x3fe00000)
  let exponent = (high >>> 20) - 1022
  let mantissa = view.getFloat64(0) // in [1/2, 1)
  if (mantissa < sqrtHalf) {
    mantissa *= 2
    exponent -= 1
  }
  return exponent * LN2_HIGH + (exponent * LN2_LOW + logNearOne(mantissa))
}

function powersOfTwo(): Float64Array {
  const all = new Float64Array(2 * SPAN + 1).fill(1)
  for (let e = 1; e <= SPAN; e++) {
    all[SPAN + e] = all[SPAN + e - 1] * 2
    all[SPAN - e] = all[SPAN - e + 1] / 2
  }
  return all
}
