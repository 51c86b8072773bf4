import type { NumberArray } from './dtype.ts'
import { exp, log } from './exact-math.ts'

/** The largest of some numbers of x, and the sum of exp(x − max) over them: log Σ exp is max + log total. */
export function expTotal(x: NumberArray, start: number, length: number): { max: number; total: number } {
  const end = start + length
  let max = -Infinity
  for (let i = start; i < end; i++) max = Math.max(max, x[i])
  let total = 0
  for (let i = start; i < end; i++) total += exp(x[i] - max)
  return { max, total }
}

/** log Σ exp of some numbers of x, by default of all. */
export function logSumExp(x: NumberArray, start = 0, length = x.length): number {
  const { max, total } = expTotal(x, start, length)
  return max + log(total)
}
