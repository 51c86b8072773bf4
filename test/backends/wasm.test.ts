import { describe, expect, test } from 'vitest'
import { kernels } from '../../src/backends/wasm/kernels/index.ts'
import type { NumberArray } from '../../src/core/dtype.ts'
import { ops } from '../../src/ops/registry.ts'
import { sampleValues } from '../../src/testing/sample.ts'
import { compute, expectSame, floats, graphOf, wasm } from '../support/wasm-agrees.ts'

test('every kernel belongs to an op', () => {
  for (const name of Object.keys(kernels)) expect(Object.keys(ops)).toContain(name)
})

const [full, column, vector] = [[2, 5, 39], [2, 5, 1], [39]]

// The samples of the registry's tests are small. These rows are long enough for every loop, and leave a rest in each.
const longRows: [string, number[][], object?][] = [
  ['add', [full, full]],
  ['multiply', [full, full]],
  ['multiply', [full, vector]],
  ['multiply', [full, column]],
  ['broadcast', [column], { shape: full }],
  ['broadcast', [vector], { shape: full }],
  ['reduce-sum', [full], { shape: vector }],
  ['reduce-sum', [full], { shape: column }],
  ['reduce-sum', [full], { shape: [] }],
  ['reduce-sum', [full], { shape: [2, 1, 39] }],
  ['overwrite', [full, vector, column], { gradient: 'block' }],
  ['take', [full], { axis: 1, indices: [4, 0, 0] }],
  ['take', [[5, 64]], { axis: 1, indices: [8, 9, 10, 11, 0, 1, 2, 3] }],
  ['take', [[5, 64]], { axis: 1, indices: [9, 10, 11, 12] }],
  ['put', [[5, 8, 3]], { axis: 1, indices: [4, 5, 6, 7, 12, 13, 14, 15], length: 24 }],
  ['put', [[5, 8, 3]], { axis: 1, indices: [4, 5, 6, 7, 4, 5, 6, 7], length: 24 }],
  ['put', [[2, 3, 39]], { axis: 1, indices: [4, 0, 0], length: 5 }],
  [
    'interleave',
    [
      [2, 3, 39],
      [2, 2, 39],
    ],
  ],
  ['norm-scale', [full], { eps: 1e-5, center: true }],
  ['norm-scale', [full], { eps: 1e-5, center: false }],
  ['affine', [full, vector, vector]],
  ['affine.vjp.weight', [full, full]],
  ['softmax.vjp', [full, full]],
  ['rotary', [[2, 5, 3, 38]], { base: 10_000, inverse: true }],
  ['rotary', [[2, 5, 3, 38]], { base: 10_000, inverse: true, dims: 22 }],
  ['rotary', [[2, 5, 3, 38]], { base: 10_000, inverse: false, halves: true }],
  ['rotary', [[2, 5, 3, 38]], { base: 10_000, inverse: true, halves: true, dims: 22 }],
  ['shift', [full], { axis: 1, by: 2 }],
  ['shift', [full], { axis: 2, by: -9 }],
  ['concat', [full, column, full]],
  [
    'attention-scores',
    [
      [2, 5, 3, 39],
      [2, 9, 3, 39],
    ],
    { scale: 0.3 },
  ],
  [
    'attention-scores',
    [
      [2, 5, 3, 36],
      [2, 9, 3, 36],
    ],
    { scale: 0.3 },
  ],
  [
    'attention-mix',
    [
      [2, 3, 5, 9],
      [2, 9, 3, 39],
    ],
    { scale: 0.3, transpose: false },
  ],
  [
    'attention-mix',
    [
      [2, 3, 5, 9],
      [2, 5, 3, 39],
    ],
    { scale: 0.3, transpose: true },
  ],
  ['gelu', [full]],
  ['momentum', [[78], [39], [1]], { decay: 0.9 }],
]

test.each(longRows)('%s of %j', (op, shapes, attrs = {}) => {
  expectSame(op, sampleValues(floats(...shapes), 1, 'f32'), attrs)
})

test('attention-mix is right at every combination of tails', () => {
  for (const transpose of [false, true]) {
    for (const queries of [1, 3, 4, 5, 9]) {
      for (const width of [1, 3, 4, 7, 8, 9, 12, 17]) {
        const v = [2, transpose ? queries : 6, 3, width]
        expectSame('attention-mix', sampleValues(floats([2, 3, queries, 6], v), 1, 'f32'), { scale: 0.3, transpose })
      }
    }
  }
})

test('attention-mix is right where a pattern is half zeros', () => {
  for (const transpose of [false, true]) {
    for (const [queries, keys] of [
      [21, 21],
      [7, 30],
      [30, 7],
      [18, 33],
    ]) {
      const v = [2, transpose ? queries : keys, 3, 9]
      const [pattern, values] = sampleValues(floats([2, 3, queries, keys], v), 1, 'f32')
      for (let i = 0; i < pattern.data.length; i++) {
        if (i % keys > Math.floor(i / keys) % queries) pattern.data[i] = i % 2 ? -0 : 0
      }
      expectSame('attention-mix', [pattern, values], { scale: 0.3, transpose })
    }
  }
  const [values] = sampleValues(floats([1, 20, 1, 9]), 1, 'f32')
  const nothing = { type: { shape: [1, 1, 20, 20], dtype: 'float' as const }, data: new Float32Array(400) }
  expectSame('attention-mix', [nothing, values], { scale: 1, transpose: true })
})

test('softmax is right for rows short and long, however many', () => {
  for (const matrices of [1, 3, 4, 9]) {
    for (const keys of [1, 4, 5, 15, 16, 17, 38]) {
      const scores = sampleValues(floats([1, matrices, 5, keys]), 1, 'f32')
      expectSame('softmax', scores, {})
      expectSame('causal-softmax', scores, {})
      expectSame('causal-softmax', scores, { queries: [0, 40, 3, 3, 1] })
      expectSame('softmax.vjp', [...scores, ...sampleValues(floats([1, matrices, 5, keys]), 2, 'f32')], {})
    }
  }
})

test('causal-softmax has the bits of causal-mask and softmax', () => {
  for (const keys of [5, 16, 17, 40]) {
    const [x] = sampleValues(floats([2, 3, keys, keys]), 1, 'f32')
    const [mask] = [graphOf('causal-mask', [x], { value: -1e20 })].map((graph) => compute(wasm, graph, [x]))
    const masked = { type: x.type, data: mask.slice() as NumberArray }
    const apart = compute(wasm, graphOf('softmax', [masked], {}), [masked])
    expect(compute(wasm, graphOf('causal-softmax', [x], {}), [x])).toEqual(apart)
  }
})

describe('matmul', () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 31, 33]

  test('is right at every combination of tails', () => {
    for (const rows of [1, 2, 3, 4, 5, 8, 13]) {
      for (const nIn of sizes) {
        for (const nOut of sizes) {
          expectSame('linear', sampleValues(floats([rows, nIn], [nIn, nOut], [nOut]), 1, 'f32'), {})
          expectSame('linear.vjp.x', sampleValues(floats([rows, nOut], [nIn, nOut]), 2, 'f32'), {})
          expectSame('linear.vjp.weight', sampleValues(floats([rows, nIn], [rows, nOut]), 3, 'f32'), {})
        }
      }
    }
  })

  test.each([
    [96, 512, 64],
    [160, 64, 64],
    [32, 64, 64],
    [160, 64, 5],
    [32, 64, 256],
    [331, 17, 23],
  ])('is right for %i rows, %i → %i', (rows, nIn, nOut) => {
    expectSame('linear', sampleValues(floats([rows, nIn], [nIn, nOut], [nOut]), 1, 'f32'), {})
    expectSame('linear.vjp.x', sampleValues(floats([rows, nOut], [nIn, nOut]), 2, 'f32'), {})
    expectSame('linear.vjp.weight', sampleValues(floats([rows, nIn], [rows, nOut]), 3, 'f32'), {})
  })

  test.each([
    ['first', (row: number) => row < 3],
    ['last', (row: number) => row > 8],
    ['scattered', (row: number) => row % 3 === 1],
    ['all', () => true],
  ])('leaves out rows of zeros: %s', (_, isZero) => {
    for (const width of [1, 3, 4, 9]) {
      const [a, w, b] = sampleValues(floats([13, width], [width, 7], [7]), 1, 'f32')
      const [g] = sampleValues(floats([13, 7]), 2, 'f32')
      for (const { data, type } of [a, g]) {
        const [rows, columns] = type.shape
        // Of either sign; and a number at the end keeps a row.
        for (let row = 0; row < rows; row++) {
          if (isZero(row)) data.fill(row % 2 ? -0 : 0, row * columns, (row + 1) * columns - (row === 4 ? 1 : 0))
        }
      }
      expectSame('linear', [a, w, b], {})
      expectSame('linear.vjp.x', [g, w], {})
      expectSame('linear.vjp.weight', [a, g], {})
    }
  })

  test('keeps NaN in its own row', () => {
    const [x, w] = sampleValues(floats([6, 5], [5, 3]), 1, 'f32')
    x.data[2 * 5 + 1] = Number.NaN
    const y = compute(wasm, graphOf('linear', [x, w], {}), [x, w])
    const rows = [...y].map((value, i) => (Number.isNaN(value) ? Math.floor(i / 3) : -1)).filter((row) => row >= 0)
    expect(rows).toEqual([2, 2, 2])
  })
})

describe('softmax', () => {
  const softmaxOf = (rows: number[][]) => {
    const values = [
      { type: { shape: [rows.length, rows[0].length], dtype: 'float' as const }, data: Float32Array.from(rows.flat()) },
    ]
    expectSame('softmax', values, {}, 1e-6)
    return [...compute(wasm, graphOf('softmax', values, {}), values)]
  }

  test('gives nothing at all to what is masked', () => {
    expect(softmaxOf([[0, -1e20, -1e20, -1e20, -1e20]])).toEqual([1, 0, 0, 0, 0])
    expect(softmaxOf([[3, 3, -Infinity]])).toEqual([0.5, 0.5, 0])
  })

  test('survives large inputs, and shares evenly when all are masked', () => {
    softmaxOf([
      [1e30, -1e30, 0, 1, 2],
      [3e38, 3e38, -3e38, 0, 0],
      [88, -88, 700, -700, 89],
    ])
    expect(softmaxOf([[-1e20, -1e20]])).toEqual([0.5, 0.5])
  })

  test('is NaN in rows with a NaN and only there', () => {
    const rows = softmaxOf([
      [0, Number.NaN, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ])
    expect(rows.map(Number.isNaN)).toEqual([...new Array(5).fill(true), ...new Array(5).fill(false)])
  })

  test('has exponentials right to within rounding, down to the smallest', () => {
    for (let x = 0; x > -87; x -= 0.37) {
      const [small, one] = softmaxOf([[x, 0]])
      expect(Math.abs(small / one / Math.exp(Math.fround(x)) - 1)).toBeLessThan(4e-7)
    }
  })

  test('agrees in long rows and many of them', () => {
    expectSame('softmax', sampleValues(floats([3, 5003]), 4, 'f32'), {})
    expectSame('softmax', sampleValues(floats([1283, 5]), 5, 'f32'), {})
  })
})

test('ids that are no rows read NaN and write nowhere', () => {
  const table = sampleValues(floats([3, 5]), 1, 'f32')[0]
  const ids = { type: { shape: [4], dtype: 'int' as const }, data: Int32Array.of(1, -1, 3, 0) }
  const rows = compute(wasm, graphOf('gather', [table, ids], {}), [table, ids])
  expect(rows.subarray(0, 5)).toEqual(table.data.subarray(5, 10))
  expect(rows.subarray(5, 15).every(Number.isNaN)).toBe(true)
  const g = sampleValues(floats([4, 5]), 2, 'f32')[0]
  const sums = compute(wasm, graphOf('gather.vjp', [g, ids], { rows: 3 }), [g, ids])
  expect(sums.subarray(10)).toEqual(new Float32Array(5))
})

test('programs do not share memory', () => {
  const [a, b] = sampleValues(floats([7], [7]), 1, 'f32')
  const graph = graphOf('add', [a, b], {})
  const [first, second] = [wasm.load(graph), wasm.load(graph)]
  first.view(0).set(a.data)
  first.run()
  second.run()
  expect(first.view(2)).toEqual(a.data)
  expect(second.view(2)).toEqual(new Float32Array(7))
})
