import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { tensorsHash } from '../../src/core/tensor-hash.ts'
import {
  floats,
  ints,
  repeatedTokens,
  type SequenceTaskOptions,
  sequenceTask,
  sliceBatch,
} from '../../src/tasks/index.ts'

type Arrays = 'tokens' | 'vectors' | 'targets'
const options: SequenceTaskOptions<Arrays> = {
  name: 'noise',
  config: { version: 1 },
  sizes: { vocab: 8 },
  arrays: { tokens: ints(4, { below: 8 }), vectors: floats([2, 3]), targets: ints([], { from: -1, below: 8 }) },
  sample: (draw, row) => ({
    tokens: Array.from({ length: 4 }, () => draw.below(8)),
    vectors: Float64Array.from({ length: 6 }, () => draw.normal()),
    targets: (row % 9) - 1,
  }),
  evaluators: {
    low: (draw) => ({ tokens: new Int32Array(4), vectors: new Float32Array(6).fill(draw.uniform()), targets: -1 }),
    long: {
      arrays: { tokens: ints(5, { below: 8 }) },
      sample: () => ({ tokens: [1, 2, 3, 4, 5], vectors: new Array(6).fill(0), targets: 0 }),
    },
    same: {},
    case: {},
  },
  seeds: { data: 7 },
}
const task = sequenceTask(options)

describe('a batch', () => {
  test('has the arrays in the form that was declared', () => {
    const { tokens, vectors, targets } = task.batch(3, 5)
    expect([tokens.shape, vectors.shape, targets.shape]).toEqual([[5, 4], [5, 2, 3], [5]])
    expect([tokens, vectors, targets].map(({ data }) => data.constructor)).toEqual([
      Int32Array,
      Float32Array,
      Int32Array,
    ])
    expect([...targets.data]).toEqual([-1, 0, 1, 2, 3])
  })

  test('of any step alone is what it is in order, and a row does not depend on how many there are', () => {
    const inOrder = Array.from({ length: 6 }, (_, step) => task.batch(step, 4))
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 4 }), (step, size) => {
        expect(sequenceTask(options).batch(step, size)).toEqual(sliceBatch(inOrder[step], 0, size))
      }),
    )
    expect(inOrder[1].tokens.data).not.toEqual(inOrder[0].tokens.data)
  })

  test('is new each time, also where the sample gives the same lists', () => {
    const kept = new Int32Array(1)
    const one = sequenceTask({
      name: 'one',
      sizes: {},
      arrays: { tokens: ints(1) },
      sample(draw) {
        kept[0] = draw.below(1000)
        return { tokens: kept }
      },
    })
    const first = one.batch(0, 3)
    expect(new Set(first.tokens.data).size).toBe(3)
    first.tokens.data.fill(0)
    expect(one.batch(0, 3).tokens.data).not.toEqual(first.tokens.data)
  })

  test('is of the seed', () => {
    const other = sequenceTask({ ...options, seeds: { data: 8 } })
    expect(other.batch(0, 4).tokens.data).not.toEqual(task.batch(0, 4).tokens.data)
    expect(other.evaluator('train', 4)).toEqual(task.evaluator('train', 4))
  })
})

describe('an evaluator', () => {
  test('train is there unasked, of numbers of its own', () => {
    expect(task.evaluators).toEqual(['train', 'low', 'long', 'same', 'case'])
    expect(task.evaluator('train').tokens.shape).toEqual([1000, 4])
    expect(task.evaluator('train', 4).tokens.data).not.toEqual(task.batch(0, 4).tokens.data)
    expect(sliceBatch(task.evaluator('train', 9), 0, 4)).toEqual(task.evaluator('train', 4))
  })

  test('may have a sample and a length of its own', () => {
    expect(Math.max(...task.evaluator('low', 4).tokens.data)).toBe(0)
    expect(task.evaluator('long', 4).tokens.shape).toEqual([4, 5])
    expect(task.evaluator('long', 4).vectors.shape).toEqual([4, 2, 3])
  })

  test('depends on its name, not on its place', () => {
    expect(task.evaluator('same', 4)).not.toEqual(task.evaluator('train', 4))
    expect(task.evaluator('same', 4)).not.toEqual(task.evaluator('case', 4))
    const alone = sequenceTask({ ...options, evaluators: { same: {} } })
    expect(alone.evaluator('same', 4)).toEqual(task.evaluator('same', 4))
  })
})

test('config, sizes and tables are what was said, seeds among the config', () => {
  const tables = { features: tensor([1, 2], new Float32Array(2)) }
  const given = sequenceTask({ ...options, tables, evaluationSize: 5 })
  expect(given).toMatchObject({ name: 'noise', sizes: { vocab: 8 }, tables })
  expect(given.config).toEqual({ version: 1, seeds: { data: 7, evaluation: 1 }, evaluationSize: 5 })
  expect(given.evaluator('train').tokens.shape[0]).toBe(5)
})

describe('what a sample gives is refused', () => {
  const giving = (change: object) => () =>
    sequenceTask({ ...options, sample: (...at) => ({ ...options.sample(...at), ...change }) }).batch(2, 2)

  test.each([
    ['without an array', { tokens: undefined }, 'SHAPE', /tokens: array: expected 4 numbers.*\[4\].*got nothing/],
    ['too short', { tokens: [1, 2, 3] }, 'SHAPE', /tokens: array: expected 4 numbers .*got 3\./],
    ['too long', { vectors: new Float32Array(7) }, 'SHAPE', /vectors: array: expected 6 numbers.*\[2, 3\].*got 7\./],
    [
      'nested',
      {
        vectors: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      'SHAPE',
      /vectors: array: expected 6 .*flat.*got 2/,
    ],
    ['with a list for a number', { targets: 'x' }, 'SHAPE', /targets: array: expected 1 .*got "x"/],
    ['with an id too large', { tokens: [1, 2, 8, 0] }, 'VALUE', /tokens: element 2: .*from 0 to 7, got 8/],
    ['with an id below the least', { targets: -2 }, 'VALUE', /targets: element 0: .*from -1 to 7, got -2/],
    ['with a fraction for an id', { tokens: [1, 2.5, 3, 4] }, 'VALUE', /element 1: .*got 2\.5/],
    ['with a hole', { tokens: [1, undefined, 3, 4] }, 'VALUE', /element 1: .*got nothing/],
    ['with NaN', { vectors: [0, 0, 0, 0, Number.NaN, 0] }, 'NOT_FINITE', /vectors: element 4: .*got NaN/],
    ['with what no 32-bit float holds', { vectors: [0, 0, 0, 0, 0, 1e39] }, 'NOT_FINITE', /element 5: .*got 1e\+39/],
    ['with an array too many', { tokns: [1] }, 'NAME', /an array of the task, got "tokns".*Nearest: tokens/],
  ])('%s', (_, change, code, message) => {
    expect(giving(change)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
    expect(giving(change)).toThrow(/^task "noise": batch 2, row 0/)
  })

  test('where it is no record, or changes its length at some row', () => {
    const sampled = (sample: unknown) => () => sequenceTask({ ...options, sample: sample as never }).batch(0, 4)
    expect(sampled(() => [1])).toThrow(/row 0: expected arrays by name.*\[VALUE\]/)
    expect(sampled(async () => ({}))).toThrow(/row 0: expected arrays by name.*\[VALUE\]/)
    const growing = (...[draw, row]: Parameters<typeof options.sample>) => ({
      ...options.sample(draw, row),
      tokens: new Array(row > 2 ? 5 : 4).fill(0),
    })
    expect(sampled(growing)).toThrow(/^task "noise": batch 0, row 3: tokens: array: .*got 5/)
  })
})

describe('options are refused', () => {
  const arrays = { tokens: ints(4) }
  test.each([
    ['of no arrays', { arrays: {} }, /arrays: expected at least one array/],
    ['of an array that is none', { arrays: { tokens: [4] } }, /arrays\.tokens: expected an array, as ints/],
    ['with a size that is none', { sizes: { vocab: 1.5 } }, /sizes\.vocab: /],
    ['with a table that is none', { tables: { features: [1] } }, /tables\.features: /],
    ['with config that is no JSON', { config: { f: () => 1 } }, /JSON: .*a function/],
    ['with an unknown seed', { seeds: { dta: 1 } }, /seeds: .*Nearest: data/],
    ['with an evaluator’s option that does not exist', { evaluators: { a: { sampl: 1 } } }, /evaluators\.a: .*sample/],
    [
      'with an evaluator’s array that does not exist',
      { evaluators: { a: { arrays: { x: arrays.tokens } } } },
      /a\.arrays/,
    ],
    ['with an unknown option', { sampler: 1 }, /Nearest: sample/],
  ])('%s', (_, change, message) => {
    expect(() => sequenceTask({ ...options, ...change } as never)).toThrow(message)
  })

  test('of forms', () => {
    for (const shape of [0, -1, 1.5, [2, 0], 'x', [Number.NaN]]) {
      expect(() => ints(shape as number)).toThrow(/^ints: .*\[SHAPE\]$/)
      expect(() => floats(shape as number)).toThrow(/^floats: .*\[SHAPE\]$/)
    }
    expect(() => ints(1, { from: 3, below: 3 })).toThrow(/^ints: below: .*\[VALUE\]$/)
  })

  test('of a batch', () => {
    expect(() => task.batch(-1, 4)).toThrow(/batch: step: .*\[VALUE\]/)
    expect(() => task.batch(0, 0)).toThrow(/batch 0: size: .*\[VALUE\]/)
    expect(() => task.evaluator('trian')).toThrow(/Nearest: train.*\[NAME\]/)
  })
})

test('a seed means the same bits for good', () => {
  const hashes = [task.batch(5, 3), task.evaluator('train', 3), repeatedTokens().batch(5, 3)].map(tensorsHash)
  expect(hashes.map((hash) => hash.slice(0, 16))).toEqual(['c4042502a5b6fe88', 'f15ca9430638a9c4', '4fc309797e726e0e'])
})
