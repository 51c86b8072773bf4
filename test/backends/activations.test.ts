import { describe, expect, test } from 'vitest'
import { compute, expectSame, graphOf, wasm } from '../support/wasm-agrees.ts'

const names = ['gelu', 'gelu-exact', 'relu', 'sigmoid', 'silu', 'tanh']

// Beyond what samples reach: where exponentials run out, where one factor is 0 or 1, and a rest of three.
const far = Float32Array.from({ length: 8003 }, (_, i) => (i - 4001) / 40)
const values = (data: Float32Array) => ({ type: { shape: [data.length], dtype: 'float' as const }, data })

describe.each(names)('%s', (name) => {
  test('agrees far from zero', () => {
    expectSame(name, [values(far)], {}, 2e-7)
    expectSame(`${name}.vjp`, [values(far), values(far.map(() => 1))], {}, 1e-6)
  })

  test('is right for huge numbers', () => {
    const huge = Float32Array.of(1e25, -1e25, 1e12, -1e12, 0, -0)
    expectSame(name, [values(huge)], {}, 1e-6)
    expectSame(`${name}.vjp`, [values(huge), values(huge.map(() => 1))], {}, 1e-6)
  })
})

/** The largest relative error of an op against a function, each element by itself. */
function relativeError(name: string, x: Float32Array, right: (x: number) => number): number {
  const given = [values(x)]
  const got = compute(wasm, graphOf(name, given, {}), given)
  return Math.max(...Array.from(x, (one, i) => Math.abs(got[i] / right(one) - 1)))
}

test('small and large values are as exact as others', () => {
  const small = Float32Array.from({ length: 301 }, (_, i) => (i % 2 ? -1 : 1) * 1.3 ** (9 - i / 2))
  expect(relativeError('tanh', small, Math.tanh)).toBeLessThan(3e-7)
  expect(relativeError('sigmoid', small, (x) => 1 / (1 + Math.exp(-x)))).toBeLessThan(4e-7)
  expect(relativeError('silu', small, (x) => x / (1 + Math.exp(-x)))).toBeLessThan(4e-7)
})

test('the exact gelu has the tail of the normal distribution', () => {
  // Φ(x) for x = −1, −3, −5, −8: Abramowitz, Stegun 1964, table 26.2.
  const table = [
    [-1, 0.158655253931],
    [-3, 0.00134989803163],
    [-5, 2.86651571879e-7],
    [-8, 6.22096057428e-16],
  ]
  const x = Float32Array.from(table, ([at]) => at)
  const right = new Map(table.map(([at, share]) => [at, at * share]))
  expect(relativeError('gelu-exact', x, (one) => right.get(one) ?? Number.NaN)).toBeLessThan(2e-6)
})
