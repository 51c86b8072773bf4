import { describe, expect, test } from 'vitest'
import { sampleValues } from '../../src/testing/sample.ts'
import { compute, expectSame, graphOf, wasm } from '../support/wasm-agrees.ts'

// Rows long enough for every loop, with a rest.
const [rows, width] = [7, 39]
const floatsOf = (shape: number[], data: number[]) => ({
  type: { shape, dtype: 'float' as const },
  data: Float32Array.from(data),
})

/** The loss and its gradient, on all engines. */
function expectLoss(name: string, values: ReturnType<typeof sampleValues>, close = 1e-6) {
  expectSame(name, values, {}, close)
  const g = name === 'cross-entropy' ? [...values, floatsOf([], [0.7])] : [floatsOf([], [0.7]), ...values]
  expectSame(`${name}.vjp`, g, {}, close)
}

describe.each([
  ['cross-entropy', { shape: [rows], below: width, from: -1 }],
  ['weighted-cross-entropy', { shape: [rows], below: width, from: -1 }],
  ['soft-cross-entropy', { shape: [rows, width], positive: true }],
  ['squared-error', { shape: [rows, width] }],
  ['binary-cross-entropy', { shape: [rows, width], binary: true }],
] as const)('%s', (name, targets) => {
  const drawn = (scale: number) => {
    const [x, t] = sampleValues([{ shape: [rows, width] }, targets], 3, 'f32')
    return [{ ...x, data: (x.data as Float32Array).map((one) => one * scale) }, t]
  }

  test.each([0.01, 1, 100])('is right for long rows, predictions of size %d', (scale) => {
    expectLoss(name, drawn(scale))
  })

  test.skipIf(name === 'cross-entropy')('leaves out rows without a weight, whatever they hold', () => {
    const [x, t] = drawn(1)
    x.data.fill(Number.NaN, 0, width)
    const weights = floatsOf([rows], [0, 1, 0.5, 2, 0, 1, 3])
    expectLoss(name, [x, t, weights])
    expectLoss(name, [x, t, floatsOf([rows], new Array(rows).fill(0))])
  })
})

test('a loss is as exact where it is small', () => {
  const sure = floatsOf([1, 5], [30, -30, 20, -12, 17])
  const values = [sure, floatsOf([1, 5], [1, 0, 1, 0, 1])]
  const [loss] = compute(wasm, graphOf('binary-cross-entropy', values, {}), values)
  const right = [...sure.data].reduce((sum, x) => sum + Math.log1p(Math.exp(-Math.abs(x))), 0) / 5
  expect(Math.abs(loss / right - 1)).toBeLessThan(1e-6)
})
