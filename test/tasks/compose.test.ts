import { describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import {
  type Batch,
  curriculum,
  fewShot,
  floats,
  ints,
  mix,
  pool,
  repeatedTokens,
  sequenceTask,
  type Task,
} from '../../src/tasks/index.ts'
import { chiSquare, chiSquareLimit, countsOf } from '../support/chi-square.ts'

/** Sequences of two tokens: which task, and a large random number. */
const plain = (number: number, sizes: Record<string, number> = { vocab: 9 }) =>
  sequenceTask({
    name: `plain ${number}`,
    sizes,
    arrays: { tokens: ints(2) },
    sample: (draw) => ({ tokens: [number, draw.below(2 ** 30)] }),
    evaluationSize: 10,
  })
const rowsOf = ({ tokens: { data, shape } }: Batch) =>
  Array.from({ length: shape[0] }, (_, row) => `${data.slice(row * shape[1], (row + 1) * shape[1])}`)
const whichOf = (batch: Batch) => rowsOf(batch).map((row) => Number(row.split(',')[0]))

describe('a mix', () => {
  const shares = [0.5, 0.2, 0.3]
  const parts = {
    a: { task: plain(0), share: 0.5 },
    b: { task: plain(1), share: 0.2 },
    c: { task: plain(2), share: 0.3 },
  }
  const task = mix(parts)

  test('draws rows by share, each row of each step by itself', () => {
    const drawn = Array.from({ length: 200 }, (_, step) => whichOf(task.batch(step, 32)))
    expect(chiSquare(countsOf(drawn.flat(), 3), shares)).toBeLessThan(chiSquareLimit(3))
    // Neighbours in a batch, and the same row of neighbouring steps, as often as chance has them.
    for (const pairs of [
      drawn.flatMap((rows) => rows.slice(1).map((part, i) => part * 3 + rows[i])),
      drawn.slice(1).flatMap((rows, step) => rows.map((part, i) => part * 3 + drawn[step][i])),
    ]) {
      const expected = shares.flatMap((one) => shares.map((other) => one * other))
      expect(chiSquare(countsOf(pairs, 9), expected)).toBeLessThan(chiSquareLimit(9))
    }
  })

  test('says where rows come from: row r of the part’s own batch', () => {
    const from = task.partOf(5, 64)
    const own = Object.fromEntries(Object.entries(parts).map(([name, { task }]) => [name, rowsOf(task.batch(5, 64))]))
    expect(rowsOf(task.batch(5, 64))).toEqual(from.map((part, row) => own[part][row]))
    const counts = task.composition(5, 64)
    expect(counts).toEqual(
      Object.fromEntries(['a', 'b', 'c'].map((name) => [name, from.filter((it) => it === name).length])),
    )
  })

  test('is a function of the step, and of its own seed', () => {
    const third = task.batch(3, 16)
    task.batch(9, 4)
    expect(mix(parts).batch(3, 16)).toEqual(third)
    expect(rowsOf(task.batch(3, 8))).toEqual(rowsOf(third).slice(0, 8))
    expect(mix(parts, { seed: 1 }).partOf(3, 16)).not.toEqual(task.partOf(3, 16))
    third.tokens.data.fill(7)
    expect(task.batch(3, 16)).not.toEqual(third)
  })

  test('may have parts without a share, which are there to be evaluated', () => {
    const only = mix({ a: { task: plain(0), share: 1 }, b: { task: plain(1), share: 0 } })
    expect(only.composition(0, 100)).toEqual({ a: 100, b: 0 })
    expect(whichOf(only.evaluator('b/train'))).toEqual(new Array(10).fill(1))
  })

  test('has the evaluators of its parts, and tells them in its config', () => {
    expect(task.evaluators).toEqual(['a/train', 'b/train', 'c/train'])
    expect(task.evaluator('b/train', 4)).toEqual(parts.b.task.evaluator('train', 4))
    expect(task.evaluator('c/train').tokens.shape).toEqual([10, 2])
    expect(task.config).toMatchObject({ seed: 0, parts: { b: { share: 0.2, task: { name: 'plain 1' } } } })
    expect(() => task.evaluator('b/trian')).toThrow(/Nearest: b\/train.*\[NAME\]/)
  })

  test('within a mix draws for itself', () => {
    const half = (a: Task, b: Task) => mix({ a: { task: a, share: 0.5 }, b: { task: b, share: 0.5 } })
    const nested = half(half(plain(0), plain(1)), plain(2))
    const counts = countsOf(whichOf(nested.batch(0, 4000)), 3)
    expect(chiSquare(counts, [0.25, 0.25, 0.5])).toBeLessThan(chiSquareLimit(3))
  })

  test.each([
    [{ a: { task: plain(0), share: 0.5 } }, /^mix: shares: expected a sum of 1, got 0\.5\./],
    [{}, /^mix: shares: expected a sum of 1, got 0\./],
    [
      { a: { task: plain(0), share: -1 }, b: { task: plain(0), share: 2 } },
      /^mix: a\.share: expected a number from 0 to 1/,
    ],
    [{ a: { share: 1 } }, /^mix: a\.task: expected a task, got nothing/],
    [{ a: { task: {}, share: 1 } }, /^task: name: /],
    [{ a: { task: plain(0), shre: 1 } }, /^mix: a: .*Nearest: share/],
  ])('is refused: %j', (parts, message) => {
    expect(() => mix(parts as never)).toThrow(message)
  })
})

describe('a pool', () => {
  const inner = plain(4)
  const task = pool(inner, { size: 6 })

  test('repeats its sequences, all equally often, and numbers them', () => {
    const sequences = rowsOf(task.evaluator('pool'))
    expect(new Set(sequences).size).toBe(6)
    const numbers = Array.from({ length: 100 }, (_, step) => [...task.numbers(step, 32)])
    expect(rowsOf(task.batch(7, 32))).toEqual(numbers[7].map((number) => sequences[number]))
    expect(chiSquare(countsOf(numbers.flat(), 6))).toBeLessThan(chiSquareLimit(6))
  })

  test('shares none of them with training, and has others at another step', () => {
    const fresh = Array.from({ length: 20 }, (_, step) => rowsOf(inner.batch(step, 6))).flat()
    const own = rowsOf(task.evaluator('pool'))
    expect(fresh.filter((row) => own.includes(row))).toEqual([])
    const other = rowsOf(pool(inner, { size: 6, step: 2 ** 32 - 2 }).evaluator('pool'))
    expect(other.filter((row) => own.includes(row))).toEqual([])
    expect(rowsOf(pool(inner, { size: 3 }).evaluator('pool'))).toEqual(own.slice(0, 3))
  })

  test('keeps the evaluators of the inner task', () => {
    expect(task.evaluators).toEqual(['train', 'pool'])
    expect(task.evaluator('train', 3)).toEqual(inner.evaluator('train', 3))
    expect(rowsOf(task.evaluator('pool', 2))).toEqual(rowsOf(task.evaluator('pool')).slice(0, 2))
    expect(() => task.evaluator('pool', 7)).toThrow(/count: expected an integer from 1 to 6, got 7/)
  })

  test('cannot be changed from outside', () => {
    const before = rowsOf(task.evaluator('pool'))
    task.evaluator('pool').tokens.data.fill(0)
    task.batch(0, 6).tokens.data.fill(0)
    expect(rowsOf(task.evaluator('pool'))).toEqual(before)
  })

  test('is refused', () => {
    expect(() => pool(inner, { size: 0 })).toThrow(/^pool: size: /)
    expect(() => pool(task, { size: 2 })).toThrow(/^pool: task: .*without an evaluator called "pool"/)
    const short: Task = { ...inner, batch: (step, size) => inner.batch(step, size > 1 ? size - 1 : 1) }
    expect(() => pool(short, { size: 4 }).batch(0, 2)).toThrow(/^pool: tokens: expected 4 sequences.*got 3.*\[SHAPE\]/)
  })

  test('of the few-shot task has its tables', () => {
    const few = fewShot({ features: { classes: 8, features: 4 }, classes: 6, testClasses: 2 })
    const some = pool(few, { size: 5 })
    expect(some.tables.features).toBe(few.tables.features)
    expect(some.trainingTables?.features).toBe(few.trainingTables?.features)
    expect(some.batch(0, 3).exemplars.shape).toEqual([3, 3])
  })
})

describe('a curriculum', () => {
  const stages = [{ until: 3, task: plain(0) }, { until: 5, task: plain(1), name: 'middle' }, { task: plain(2) }]
  const task = curriculum(stages)

  test('goes on to the next task where one ends, whatever was asked before', () => {
    const order = [9, 0, 5, 4, 3, 2, 1]
    expect(order.map((step) => whichOf(task.batch(step, 1))[0])).toEqual([2, 0, 2, 1, 1, 0, 0])
    expect(task.batch(4, 8)).toEqual(stages[1].task.batch(4, 8))
  })

  test('has the evaluators of its stages, and tells them in its config', () => {
    expect(task.evaluators).toEqual(['stage-0/train', 'middle/train', 'stage-2/train'])
    expect(task.evaluator('middle/train', 4)).toEqual(stages[1].task.evaluator('train', 4))
    expect(task.config).toMatchObject({
      stages: [
        { name: 'stage-0', until: 3 },
        { name: 'middle', until: 5 },
        { name: 'stage-2', task: { name: 'plain 2' } },
      ],
    })
  })

  test('of mixes of pools is one too, and each tells all of it', () => {
    const fresh = plain(0)
    const repeated = mix({
      fresh: { task: fresh, share: 0.5 },
      again: { task: pool(plain(1), { size: 3 }), share: 0.5 },
    })
    const all = curriculum([
      { until: 10, task: repeated, name: 'damage' },
      { task: fresh, name: 'after' },
    ])
    expect(all.evaluators).toEqual(['damage/fresh/train', 'damage/again/train', 'damage/again/pool', 'after/train'])
    expect(new Set(whichOf(all.batch(9, 50)))).toEqual(new Set([0, 1]))
    expect(new Set(whichOf(all.batch(10, 50)))).toEqual(new Set([0]))
    expect(JSON.parse(JSON.stringify(all.config))).toEqual(all.config)
    expect(JSON.stringify(all.config)).toMatch(/"curriculum"|"mix".*"pool".*"size":3.*"plain 1"/)
  })

  test.each([
    [[], /^curriculum: stages: expected at least one/],
    [{}, /^curriculum: expected an array/],
    [[{ task: plain(0), until: 3 }], /\[0\]\.until: expected nothing in the last stage/],
    [[{ task: plain(0) }, { task: plain(1) }], /\[0\]\.until: expected a step after 0.*got nothing/],
    [
      [{ task: plain(0), until: 3 }, { task: plain(1), until: 3 }, { task: plain(2) }],
      /\[1\]\.until: expected a step after 3.*got 3/,
    ],
    [
      [
        { task: plain(0), until: 3, name: 'a' },
        { task: plain(1), name: 'a' },
      ],
      /names: expected a different one for each stage, got "a"/,
    ],
    [[{ task: plain(0), til: 3 }], /Nearest: until/],
  ])('is refused: %#', (stages, message) => {
    expect(() => curriculum(stages as never)).toThrow(message)
  })
})

describe('parts that do not go together are refused', () => {
  const one = (arrays: object, sample: object, change: Partial<Task> = {}) => ({
    ...sequenceTask({ name: 'one', sizes: { vocab: 9 }, arrays: arrays as never, sample: () => sample as never }),
    ...change,
  })
  const tables = (value: number) => ({ features: tensor([1], new Float32Array([value])) })
  test.each([
    ['in sizes', plain(1, { vocab: 8 }), 'VALUE', /sizes\.vocab: expected the same in all parts: 9, as in ".*got 8/],
    [
      'in inputs',
      one({ tokens: ints(2), targets: ints([]) }, { tokens: [1, 2], targets: 1 }),
      'NAME',
      /"targets" among/,
    ],
    ['in inputs, the other way', one({ targets: ints([]) }, { targets: 1 }), 'NAME', /"tokens" among them/],
    ['in shape', one({ tokens: ints(3) }, { tokens: [1, 2, 3] }), 'SHAPE', /tokens: .*\[2\], as in ".*got \[3\] in/],
    ['in type', one({ tokens: floats(2) }, { tokens: [1, 2] }), 'DTYPE', /tokens: .*Int32Array, as.*Float32Array/],
  ])('%s', (_, other, code, message) => {
    const expected = expect.objectContaining({ code, message: expect.stringMatching(message) })
    expect(() => mix({ a: { task: plain(0), share: 0.5 }, b: { task: other, share: 0.5 } })).toThrow(expected)
    expect(() => curriculum([{ until: 1, task: plain(0) }, { task: other }])).toThrow(expected)
  })

  test('in tables, where their contents are not the same', () => {
    const mixed = (a: number, b: number) => () =>
      mix({
        a: { task: { ...plain(0), tables: tables(a) }, share: 0.5 },
        b: { task: { ...plain(0), tables: tables(b) }, share: 0.5 },
      })
    expect(mixed(1, 1)().tables).toEqual(tables(1))
    expect(mixed(1, 2)).toThrow(/^mix: tables\.features: expected the same in all parts.*\[VALUE\]$/)
  })

  test('at a step at which one changes', () => {
    const changing: Task = {
      ...plain(1),
      batch: (step, size) => (step < 3 ? plain(1) : repeatedTokens()).batch(step, size),
    }
    const task = mix({ a: { task: plain(0), share: 0.5 }, b: { task: changing, share: 0.5 } })
    task.batch(2, 16)
    expect(() => task.batch(3, 16)).toThrow(/^mix: batch 3: /)
  })
})
