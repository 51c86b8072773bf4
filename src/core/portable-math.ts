/**
 * Exponential and logarithm from + - * / alone. `Math.exp` and `Math.log` differ in the last bit between versions of one
 * JavaScript engine (Node 20 and Chromium 156 do); these may not, so a run gives the same bits in both.
 * Plain series on a reduced range; relative errors are a few 1e-16.
 */

const LN2_HIGH = 0xb17217f7 / 2 ** 32
/** What is left of ln 2, so that multiples of both parts are exact enough to subtract. */
const LN2_LOW = Math.LN2 - LN2_HIGH + 2.3190468138462996e-17

const DEGREE = 14
/** The exponents of half of any result of {@link exp}. */
const SPAN = 540
const powers = powersOfTwo()
const view = new DataView(new ArrayBuffer(8))

/** e to the power of x. */
export function exp(x: number): number {
  if (!(x > -746)) return Number.isNaN(x) ? x : 0
  if (x > 710) return Number.POSITIVE_INFINITY
  const k = Math.round(x / Math.LN2)
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
  if (x < 2.2250738585072014e-308) return log(x * 2 ** 54) - 54 * Math.LN2
  view.setFloat64(0, x)
  const high = view.getUint32(0)
  view.setUint32(0, (high & 0xfffff) | 0x3fe00000)
  let exponent = (high >>> 20) - 1022
  let mantissa = view.getFloat64(0) // in [1/2, 1)
  if (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    exponent -= 1
  }
  // ln m = 2 artanh s, |s| < 0.172
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 1 / 23
  for (let odd = 21; odd >= 1; odd -= 2) sum = sum * square + 1 / odd
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * sum)
}

function powersOfTwo(): Float64Array {
  const all = new Float64Array(2 * SPAN + 1).fill(1)
  for (let e = 1; e <= SPAN; e++) {
    all[SPAN + e] = all[SPAN + e - 1] * 2
    all[SPAN - e] = all[SPAN - e + 1] / 2
  }
  return all
}
