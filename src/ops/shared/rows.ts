import type { NumberArray } from '../../core/dtype.ts'
import { exp } from '../../core/exact-math.ts'
import { expTotal } from '../../core/log-sum-exp.ts'
import { type Shape, sameShape } from '../../core/shape.ts'

/** [rows…, width] with another width. */
export function withWidth(shape: Shape, width: number): Shape {
  return [...shape.slice(0, -1), width]
}

/** Whether `column` is [rows…, 1] for a `full` of [rows…, width]. */
export function isColumnOf(full: Shape, column: Shape): boolean {
  return full.length >= 1 && sameShape(withWidth(full, 1), column)
}

export function meanOf(x: NumberArray, start: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += x[start + i]
  return sum / length
}

/** The softmax of some numbers of x, at the same place in `out`. */
export function softmaxOf(out: NumberArray, x: NumberArray, start: number, length: number): void {
  const { max, total } = expTotal(x, start, length)
  for (let i = start; i < start + length; i++) out[i] = exp(x[i] - max) / total
}
