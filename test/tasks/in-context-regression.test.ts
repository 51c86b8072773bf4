import { describe, expect, test } from 'vitest'
import { type Batch, type InContextRegressionOptions, inContextRegression, mix, pool } from '../../src/tasks/index.ts'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const squares = (values: readonly number[]) => mean(values.map((value) => value ** 2))

/** Problems read back from constructed tokens. */
function problemsOf({ vectors, targets }: Batch) {
  const [count, length, width] = vectors.shape
  return Array.from({ length: count }, (_, s) => {
    const tokens = Array.from({ length }, (_, p) => [
      ...vectors.data.subarray((s * length + p) * width, (s * length + p + 1) * width),
    ])
    return {
      x: tokens.map((token) => token.slice(0, -1)),
      labels: tokens.slice(0, -1).map((token) => token[width - 1]),
      queryLabel: tokens[length - 1][width - 1],
      target: targets.data[s],
    }
  })
}

/** The w that solves (XᵀX) w = Xᵀy, by Gaussian elimination with pivots. */
function leastSquares(x: readonly number[][], y: readonly number[]): number[] {
  const d = x[0].length
  const rows = Array.from({ length: d }, (_, i) => [
    ...Array.from({ length: d }, (_, j) => x.reduce((sum, row) => sum + row[i] * row[j], 0)),
    x.reduce((sum, row, k) => sum + row[i] * y[k], 0),
  ])
  for (let i = 0; i < d; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i)
    ;[rows[i], rows[pivot]] = [rows[pivot], rows[i]]
    for (let k = 0; k < d; k++) {
      if (k === i) continue
      const factor = rows[k][i] / rows[i][i]
      rows[k] = rows[k].map((value, j) => value - factor * rows[i][j])
    }
  }
  return rows.map((row, i) => row[d] / row[i])
}

const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)

describe('constructed tokens', () => {
  test('are (x, y), and (x, 0) for the query, whose y least squares finds without noise', () => {
    const task = inContextRegression({ dimensions: 4, pairs: 12 })
    for (const { x, labels, queryLabel, target } of problemsOf(task.batch(3, 100))) {
      expect(queryLabel).toBe(0)
      const w = leastSquares(x.slice(0, -1), labels)
      expect(Math.abs(dot(w, x[12]) - target)).toBeLessThan(1e-5)
      expect(Math.max(...labels.map((label, i) => Math.abs(label - dot(w, x[i]))))).toBeLessThan(1e-5)
    }
  })

  test('have the published constants: half of E y² is 10/24', () => {
    const problems = problemsOf(inContextRegression().evaluator('train', 10_000))
    // The deviation of y² is about 2 E y² = 1.7, that of half the mean of 10,000 below .01.
    expect(Math.abs(squares(problems.map(({ target }) => target)) / 2 - 10 / 24)).toBeLessThan(0.03)
    const x = problems.flatMap(({ x }) => x[0])
    expect(Math.abs(mean(x))).toBeLessThan(0.003)
    expect(Math.abs(squares(x) - 1 / 12)).toBeLessThan(0.001)
    expect(largest(x)).toBeLessThanOrEqual(0.5)
  })

  test('have w of standard normal coordinates, independent of one another', () => {
    const problems = problemsOf(inContextRegression({ dimensions: 2, pairs: 4, weightScale: 3 }).batch(0, 5000))
    const w = problems.map(({ x, labels }) => leastSquares(x.slice(0, 4), labels))
    const [a, b] = [0, 1].map((d) => w.map((one) => one[d] / 3))
    for (const one of [a, b]) {
      expect(Math.abs(mean(one))).toBeLessThan(0.06)
      expect(Math.abs(squares(one) - 1)).toBeLessThan(0.08)
    }
    expect(Math.abs(mean(a.map((value, i) => value * b[i])))).toBeLessThan(0.06)
  })

  test('shift with their options alone: x and w stay', () => {
    const usual = problemsOf(inContextRegression().batch(0, 50))
    const shifted = (options: InContextRegressionOptions) => problemsOf(inContextRegression(options).batch(0, 50))
    shifted({ range: 2 }).forEach(({ x, target }, s) => {
      x.flat().forEach((value, i) => {
        expect(value).toBeCloseTo(2 * usual[s].x.flat()[i], 6)
      })
      expect(target).toBeCloseTo(2 * usual[s].target, 5)
    })
    shifted({ noise: 0.5, distractors: 2 }).forEach(({ x, labels, target }, s) => {
      expect([x, target]).toEqual([usual[s].x, usual[s].target])
      expect(labels.every((label, i) => label !== usual[s].labels[i])).toBe(true)
    })
  })

  test('have noise and distractors of the size asked for', () => {
    const clean = problemsOf(inContextRegression().batch(0, 2000))
    const noisy = problemsOf(inContextRegression({ noise: 0.5, distractors: 1 }).batch(0, 2000))
    const errors = noisy.flatMap(({ labels }, s) => labels.slice(0, 9).map((label, i) => label - clean[s].labels[i]))
    expect(Math.abs(squares(errors) - 0.25)).toBeLessThan(0.01)
    expect(Math.abs(squares(noisy.map(({ labels }) => labels[9])) - 1)).toBeLessThan(0.12)
    const unrelated = noisy.map(({ labels }, s) => labels[9] * clean[s].labels[9])
    expect(Math.abs(mean(unrelated))).toBeLessThan(0.1)
    const normal = problemsOf(inContextRegression({ inputs: 'normal', range: 2 }).batch(0, 500)).flatMap(({ x }) =>
      x.flat(),
    )
    expect(Math.abs(squares(normal) - 4)).toBeLessThan(0.1)
    expect(largest(normal)).toBeGreaterThan(5)
  })
})

describe('classic tokens', () => {
  const form = { dimensions: 3, pairs: 4 } as const

  test('are x and (0, …, 0, y) in turn, of the same problems', () => {
    const problems = problemsOf(inContextRegression(form).batch(5, 20))
    const { vectors, targets } = inContextRegression({ ...form, tokens: 'classic' }).batch(5, 20)
    expect(vectors.shape).toEqual([20, 9, 3])
    const expected = problems.flatMap(({ x, labels }) =>
      x.flatMap((one, i) => (i < 4 ? [one, [0, 0, labels[i]]] : [one])),
    )
    expect([...vectors.data]).toEqual(expected.flat())
    expect([...targets.data]).toEqual(problems.map(({ target }) => target))
  })

  test('may be scored at every x', () => {
    const { vectors, targets, weights } = inContextRegression({ ...form, tokens: 'classic', score: 'all' }).batch(5, 2)
    expect([targets.shape, weights.shape]).toEqual([
      [2, 9, 1],
      [2, 9],
    ])
    expect([...weights.data]).toEqual(new Array(2).fill([1, 0, 1, 0, 1, 0, 1, 0, 1]).flat())
    const labels = [1, 3, 5, 7].map((pos) => vectors.data[pos * 3 + 2])
    expect([0, 2, 4, 6].map((pos) => targets.data[pos])).toEqual(labels)
    expect([1, 3, 5, 7].map((pos) => targets.data[pos])).toEqual([0, 0, 0, 0])
  })
})

test('sizes, evaluators and composition', () => {
  const task = inContextRegression({ evaluators: { far: { range: 2 } } })
  expect(task.sizes).toEqual({ width: 11, length: 11, outputs: 1 })
  expect(task.evaluators).toEqual(['train', 'far'])
  const far = problemsOf(task.evaluator('far', 500)).flatMap(({ x }) => x.flat())
  expect(largest(far)).toBeGreaterThan(0.99)
  expect(task.config).toMatchObject({ dimensions: 10, inputs: 'uniform', evaluators: { far: { range: 2 } } })
  const mixed = mix({ a: { task, share: 0.5 }, b: { task: pool(task, { size: 3 }), share: 0.5 } })
  expect(mixed.batch(0, 8).vectors.shape).toEqual([8, 11, 11])
})

test.each<[string, InContextRegressionOptions, RegExp]>([
  ['targets everywhere beside their answer', { score: 'all' }, /^inContextRegression: score: .*constructed.*\[VALUE\]/],
  ['more distractors than pairs', { pairs: 2, distractors: 3 }, /: distractors: .*from 0 to 2, got 3/],
  ['a range of nothing', { range: 0 }, /^inContextRegression: range: /],
  ['an evaluator’s too', { evaluators: { a: { distractors: 11 } } }, /: evaluators\.a\.distractors: .*got 11/],
  ['what evaluators cannot change', { evaluators: { a: { pairs: 3 } } } as never, /evaluators\.a: .*"pairs".*\[NAME\]/],
])('options are refused: %s', (_, options, message) => {
  expect(() => inContextRegression(options)).toThrow(message)
})
