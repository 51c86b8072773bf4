import { normScale, perToken } from '../points.ts'

/** The hook points of a norm: what it divides by, and the value before gain and bias. */
export function normPoints(width: number) {
  return { scale: normScale, normalized: perToken(width) } as const
}
