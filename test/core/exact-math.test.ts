import { expect, test } from 'vitest'
import { exp, log } from '../../src/core/exact-math.ts'

const relative = (got: number, right: number) => Math.abs(got - right) / Math.max(Math.abs(right), Number.MIN_VALUE)

test('exp and log are within a few roundings of the machine', () => {
  for (let i = -7_000; i <= 7_000; i++) {
    const x = i / 10.037
    expect(relative(exp(x), Math.exp(x))).toBeLessThan(1e-15)
    const y = Math.exp(x)
    if (x !== 0) expect(relative(log(y), Math.log(y))).toBeLessThan(1e-15)
  }
})

test('the edges are those of Math', () => {
  for (const x of [0, -0, Infinity, -Infinity, NaN, 1000, -1000]) expect(exp(x)).toBe(Math.exp(x))
  for (const x of [0, -0, 1, -1, Infinity, NaN]) expect(log(x)).toBe(Math.log(x))
  expect(relative(log(5e-324), Math.log(5e-324))).toBeLessThan(1e-15)
  expect(Number.isFinite(exp(709.7))).toBe(true)
})
