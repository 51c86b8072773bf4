import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { type Batch, builtInFeatures, type FewShotOptions, fewShot } from '../../src/tasks/index.ts'

/** Cheap features: [20, 5, 2], each row (class, exemplar). */
const features = tensor(
  [20, 5, 2],
  Float32Array.from({ length: 200 }, (_, i) => (i % 2 ? Math.floor(i / 2) % 5 : Math.floor(i / 10))),
)
const small = (options: FewShotOptions = {}) => fewShot({ features, classes: 8, testClasses: 6, ...options })

/** Sequences as (class, exemplar) pairs and labels, read back through the table. */
function sequences(task: ReturnType<typeof fewShot>, batch: Batch) {
  const [count, width] = batch.exemplars.shape
  const table = task.tables.features.data
  return Array.from({ length: count }, (_, s) => {
    const rows = Array.from(batch.exemplars.data.subarray(s * width, (s + 1) * width))
    return {
      classes: rows.map((row) => table[row * 2]),
      exemplars: rows.map((row) => table[row * 2 + 1]),
      labels: Array.from(batch.labels.data.subarray(s * (width - 1), (s + 1) * (width - 1))),
      target: batch.targets.data[s],
    }
  })
}
const setOf = (labels: number[]) => [...new Set(labels)].sort((a, b) => a - b).join()
const sets = (list: readonly (readonly number[])[]) => list.map(String).sort()
const all = (n: number) => Array.from({ length: n }, (_, i) => i)

function chiSquare(counts: Map<string, number>, cells: number): number {
  const total = [...counts.values()].reduce((a, b) => a + b, 0)
  const expected = total / cells
  const missing = (cells - counts.size) * expected
  return missing + [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
}

describe('few-shot sequences', () => {
  const forms = fc.record({
    groups: fc.integer({ min: 1, max: 4 }),
    burstiness: fc.integer({ min: 1, max: 3 }),
    labels: fc.integer({ min: 4, max: 7 }),
    relabel: fc.boolean(),
    train: fc.integer({ min: 1, max: 3 }),
    step: fc.nat(),
  })
  test('each class of the context occurs burstiness times under one label, the query among them', () => {
    fc.assert(
      fc.property(forms, ({ groups, burstiness, labels, relabel, train, step }) => {
        const task = small({ pairs: groups * burstiness, burstiness, labels, relabel, exemplars: { train } })
        for (const { classes, exemplars, labels: given, target } of sequences(task, task.batch(step, 20))) {
          const query = classes[classes.length - 1]
          const context = classes.slice(0, -1)
          expect(new Set(context).size).toBe(groups)
          for (const c of context) {
            expect(c).toBeLessThan(8)
            expect(context.filter((other) => other === c)).toHaveLength(burstiness)
            expect(new Set(given.filter((_, p) => context[p] === c)).size).toBe(1)
          }
          expect(given[context.indexOf(query)]).toBe(target)
          expect(exemplars.every((e) => e < train)).toBe(true)
          if (relabel) expect(sets(task.labelSets.train)).toContain(setOf(given))
          else expect(given).toEqual(context.map((c) => c % labels))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('a batch depends on its step alone; a longer one starts with the shorter', () => {
    const task = small()
    const forward = all(5).map((step) => task.batch(step, 6))
    const backward = all(5).map((step) => small().batch(4 - step, 6))
    expect(backward.reverse()).toEqual(forward)
    expect(task.batch(2, 3).exemplars.data).toEqual(task.batch(2, 6).exemplars.data.subarray(0, 9))
    expect(task.batch(1, 6)).not.toEqual(task.batch(2, 6))
    expect(small({ seeds: { data: 3 } }).batch(0, 6)).not.toEqual(task.batch(0, 6))
    const first = task.batch(0, 4)
    const copy = structuredClone(first)
    task.batch(1, 4)
    expect(first).toEqual(copy)
  })

  test('the bytes of a seed are pinned', () => {
    expect(Array.from(small().batch(7, 2).exemplars.data)).toMatchInlineSnapshot(`
      [
        1,
        0,
        0,
        3,
        2,
        2,
      ]
    `)
    expect(Array.from(small().batch(7, 2).labels.data)).toMatchInlineSnapshot(`
      [
        3,
        4,
        3,
        4,
      ]
    `)
    expect(fewShot({ features: builtInFeatures({ features: 2 }) }).labelSets.heldOut).toMatchInlineSnapshot(`
      [
        [
          0,
          3,
        ],
        [
          1,
          3,
        ],
      ]
    `)
  })
})

describe('few-shot distribution', () => {
  test('every sequence is equally likely, and those are the enumerated ones', () => {
    const task = small({ classes: 4, labels: 3, heldOutLabels: [[0, 2]] })
    const key = (s: object) => JSON.stringify(s)
    const expected = sequences(task, task.enumerate()).map(key)
    expect(new Set(expected).size).toBe(4 * 3 * (2 * 2) * 2)
    const counts = new Map<string, number>()
    for (const s of sequences(task, task.batch(0, 9600))) counts.set(key(s), (counts.get(key(s)) ?? 0) + 1)
    expect([...counts.keys()].sort()).toEqual(expected.sort())
    expect(chiSquare(counts, 96)).toBeLessThan(143) // 95 degrees of freedom, p = .001
  })

  test('so it is with bursts, three classes and several exemplars', () => {
    const cases: [FewShotOptions, number][] = [
      [{ classes: 3, pairs: 4, burstiness: 2, labels: 2, heldOutLabels: 0 }, 3 * 2 * 2 * 6],
      [{ classes: 4, pairs: 3, labels: 4, heldOutLabels: [[0, 1, 2]] }, 24 * (3 * 6) * 3],
      [{ classes: 3, pairs: 2, labels: 3, relabel: false, exemplars: { train: 2 } }, 6 * 2 * 8],
      [{ classes: 5, pairs: 2, burstiness: 2, labels: 3, heldOutLabels: [[1]] }, 5 * 2],
    ]
    for (const [options, count] of cases) {
      const task = small(options)
      const expected = sequences(task, task.enumerate()).map((s) => JSON.stringify(s))
      expect(expected).toHaveLength(count)
      expect(new Set(expected).size).toBe(count)
      const drawn = sequences(task, task.batch(0, count * 30)).map((s) => JSON.stringify(s))
      expect([...new Set(drawn)].sort()).toEqual(expected.sort())
    }
  })

  test('the paper has 78,400 sequences and 8 of 10, 36 of 45, 84 of 105 label pairs', () => {
    const table = builtInFeatures({ features: 2 })
    const paper = fewShot({
      features: table,
      heldOutLabels: [
        [1, 3],
        [0, 2],
      ],
    })
    expect(paper.enumerate().exemplars.shape).toEqual([78_400, 3])
    expect(sets(paper.labelSets.train)).toEqual(['0,1', '0,3', '0,4', '1,2', '1,4', '2,3', '2,4', '3,4'])
    for (const [labels, train, heldOut] of [
      [5, 8, 2],
      [10, 36, 9],
      [15, 84, 21],
    ]) {
      const { labelSets } = fewShot({ features: table, labels })
      expect([labelSets.train.length, labelSets.heldOut.length]).toEqual([train, heldOut])
      expect(new Set([...labelSets.train, ...labelSets.heldOut].map(String)).size).toBe(train + heldOut)
    }
    expect(() => fewShot({ features: table, classes: 200, labels: 15 }).enumerate()).toThrow(/evaluator.*\[VALUE\]/)
  })
})

describe('few-shot evaluators', () => {
  const task = small({ exemplars: { train: 1, val: 3 } })
  const read = (name: string) => sequences(task, task.evaluator(name))
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)]

  test('each draws from what it should', () => {
    expect(task.evaluators).toEqual(['train', 'test-class', 'relabel', 'val-exemplar'])
    const drawn = (name: string) => ({
      classes: range(read(name).flatMap((s) => s.classes)),
      exemplars: range(read(name).flatMap((s) => s.exemplars)),
      labels: [...new Set(read(name).map((s) => setOf(s.labels)))].sort(),
    })
    const train = sets(task.labelSets.train)
    expect(drawn('train')).toEqual({ classes: [0, 7], exemplars: [0, 0], labels: train })
    expect(drawn('test-class')).toEqual({ classes: [14, 19], exemplars: [0, 0], labels: train })
    expect(drawn('relabel')).toEqual({ classes: [0, 7], exemplars: [0, 0], labels: sets(task.labelSets.heldOut) })
    expect(drawn('val-exemplar')).toEqual({ classes: [0, 7], exemplars: [1, 3], labels: train })
    const held = read('val-exemplar')
    expect(held.some(({ classes, exemplars }) => exemplars[classes.indexOf(classes[2])] !== exemplars[2])).toBe(true)
  })

  test('they are fixed: 1000 sequences that depend on the evaluation seed alone', () => {
    expect(task.evaluator('train').targets.data).toHaveLength(1000)
    expect(task.evaluator('relabel')).toEqual(small({ exemplars: { val: 3 }, seeds: { data: 9 } }).evaluator('relabel'))
    expect(task.evaluator('relabel', 10).labels.data).toEqual(task.evaluator('relabel').labels.data.subarray(0, 20))
    expect(small({ seeds: { evaluation: 2 } }).evaluator('train')).not.toEqual(small().evaluator('train'))
    expect(task.evaluator('train', 50)).not.toEqual(task.batch(0, 50))
    expect(small({ evaluationSize: 7 }).evaluator('train').targets.shape).toEqual([7])
  })

  test('one with nothing to draw from is absent, and asking for it names the others', () => {
    const bare = small({ testClasses: 0, heldOutLabels: 0, exemplars: { train: 2, val: 0 } })
    expect(bare.evaluators).toEqual(['train'])
    expect(() => bare.evaluator('relabel')).toThrow(/"relabel".*train.*\[NAME\]/)
    expect(small({ relabel: false }).evaluators).toEqual(['train', 'test-class', 'val-exemplar'])
  })
})

describe('few-shot table and config', () => {
  test('the table holds every exemplar once, those of training first', () => {
    const task = small({ exemplars: { train: 2 } })
    expect(task.sizes).toEqual({ pairs: 2, features: 2, labels: 5, rows: 100, trainRows: 16 })
    expect(Math.max(...task.batch(0, 500).exemplars.data)).toBe(15)
    const rows = new Set<number>()
    for (const c of all(20)) {
      for (const e of all(5)) {
        const row = task.rowOf(c, e)
        rows.add(row)
        expect(Array.from(task.tables.features.data.subarray(row * 2, row * 2 + 2))).toEqual([c, e])
      }
    }
    expect(rows.size).toBe(100)
    expect(() => task.rowOf(20, 0)).toThrow(/\[VALUE\]/)
    expect(() => task.rowOf(0, 5)).toThrow(/\[VALUE\]/)
    expect(small().rowOf(6, 0)).toBe(6)
  })

  test('the config, through JSON, rebuilds the task', () => {
    const builtIn = fewShot({ features: { classes: 12, features: 8, seed: 3 }, classes: 6, heldOutLabels: [[3, 1]] })
    const again = fewShot(JSON.parse(JSON.stringify(builtIn.config)))
    expect(again.config).toEqual(builtIn.config)
    expect(again.tables).toEqual(builtIn.tables)
    expect(again.batch(3, 8)).toEqual(builtIn.batch(3, 8))
    const fixed = small({ relabel: false })
    const config = JSON.parse(JSON.stringify(fixed.config))
    expect(() => fewShot(config)).toThrow(/config\.features, tensor.*\[VALUE\]/)
    expect(fewShot({ ...config, features: { ...config.features, tensor: features } }).batch(1, 4)).toEqual(
      fixed.batch(1, 4),
    )
    const other = tensor([20, 5, 2], new Float32Array(200))
    expect(() => fewShot({ ...config, features: { ...config.features, tensor: other } })).toThrow(/hash.*\[VALUE\]/)
    const scant = small({ pairs: 3, classes: 18, testClasses: undefined } as object)
    expect(scant.config.testClasses).toBe(0)
    expect(scant.evaluators).not.toContain('test-class')
    expect(small({ features: { name: 'omniglot', tensor: features } }).config.features).toMatchObject({
      name: 'omniglot',
    })
  })
})

const holed = tensor([20, 5, 2], features.data.slice())
holed.data[37] = Number.NaN

const refused: [string, FewShotOptions, RegExp][] = [
  ['too many classes', { classes: 21 }, /classes: expected an integer from 2 to 20, got 21.*\[VALUE\]/],
  ['too few classes', { classes: 1 }, /2 different classes.*\[VALUE\]/],
  ['too many test classes', { testClasses: 13 }, /testClasses.*\[VALUE\]/],
  ['too few test classes', { testClasses: 1 }, /testClasses.*\[VALUE\]/],
  ['too few labels', { pairs: 6, labels: 5 }, /labels.*\[VALUE\]/],
  ['fractional pairs', { pairs: 1.5 }, /pairs.*\[VALUE\]/],
  ['no pairs', { pairs: 0 }, /pairs.*\[VALUE\]/],
  ['burstiness that does not divide', { pairs: 3, burstiness: 2 }, /divisor of 3.*\[VALUE\]/],
  ['a held-out label out of range', { heldOutLabels: [[1, 5]] }, /heldOutLabels\[0\].*0 to 4.*\[VALUE\]/],
  ['a held-out label twice', { heldOutLabels: [[1, 1]] }, /2 different labels.*\[VALUE\]/],
  ['a held-out set of three', { heldOutLabels: [[0, 1, 2]] }, /2 different labels.*\[VALUE\]/],
  [
    'a held-out set twice',
    {
      heldOutLabels: [
        [0, 1],
        [1, 0],
      ],
    },
    /\[1\].*each set once.*\[VALUE\]/,
  ],
  ['all sets held out', { labels: 2, heldOutLabels: [[0, 1]] }, /left for training.*\[VALUE\]/],
  ['a share of one', { heldOutLabels: 1 }, /share.*\[VALUE\]/],
  ['a share that is no number', { heldOutLabels: '1' as never }, /share.*\[VALUE\]/],
  ['held-out sets that are no lists', { heldOutLabels: [3] as never }, /\[VALUE\]/],
  ['held-out labels without relabelling', { relabel: false, heldOutLabels: 0.2 }, /\[NO_EFFECT\]/],
  ['too many label sets', { pairs: 6, labels: 64 }, /labels.*\[VALUE\]/],
  ['too many exemplars', { exemplars: { train: 4, val: 2 } }, /exemplars\.val.*\[VALUE\]/],
  ['no exemplar to train on', { exemplars: { train: 0 } }, /exemplars\.train.*\[VALUE\]/],
  ['a seed below zero', { seeds: { data: -1 } }, /seeds\.data.*\[VALUE\]/],
  ['relabel that is no boolean', { relabel: 'yes' as never }, /true or false.*\[VALUE\]/],
  ['a misspelt option', { burstyness: 1 } as object, /"burstyness".*Nearest: burstiness.*\[NAME\]/],
  ['a misspelt seed', { seeds: { dat: 1 } as object }, /Nearest: data.*\[NAME\]/],
  ['a NaN feature', { features: holed }, /features\[3, 3, 1\].*NaN.*\[NOT_FINITE\]/],
  ['features of rank 2', { features: tensor([100, 2], features.data) }, /\[classes, exemplars, features\].*\[SHAPE\]/],
  ['no features', { features: tensor([20, 5, 0], new Float32Array(0)) }, /\[SHAPE\]/],
  ['integer features', { features: tensor([20, 5, 1], new Int32Array(100)) }, /\[DTYPE\]/],
  ['features that do not fill their shape', { features: { shape: [20, 5, 3], data: features.data } }, /\[SHAPE\]/],
  ['seeds that are a number', { seeds: 0.5 as never }, /seeds: expected an object of options .*got 0\.5.*\[VALUE\]/],
  ['seeds that are null', { seeds: null as never }, /seeds: .*got null.*\[VALUE\]/],
  ['a null for a default', { classes: null as never }, /classes: .*got null.*\[VALUE\]/],
  ['a split that is a list', { exemplars: [1] as never }, /exemplars: .*\[VALUE\]/],
  [
    'a share in a list',
    { heldOutLabels: [0.2] as never },
    /heldOutLabels: expected a share in \[0, 1\) or a list of label sets, got \[0\.2\].*\[VALUE\]/,
  ],
  ['an empty string for a share', { heldOutLabels: '' as never }, /share.*\[VALUE\]/],
  ['features that are none', { features: 5 as never }, /features: expected a tensor.*got 5.*\[VALUE\]/],
  ['features without data', { features: { name: 'x', tensor: null } as never }, /tensor.*null.*\[VALUE\]/],
  [
    'features of another shape than said',
    { features: { name: 'x', tensor: features, shape: [5, 20, 6] } },
    /shape: expected the tensor's own.*\[SHAPE\]/,
  ],
  [
    'more features than memory',
    { features: { classes: 2 ** 20, features: 2 ** 12 } },
    /at most 1073741824 numbers.*\[VALUE\]/,
  ],
  ['a misspelt feature option', { features: { clases: 3 } as object }, /Nearest: classes.*\[NAME\]/],
]

describe('few-shot options', () => {
  test.each(refused)('%s is refused', (_, options, message) => {
    expect(() => small(options)).toThrow(message)
  })

  test('options that are no options are refused', () => {
    for (const none of [null, 5, [], 'x']) expect(() => fewShot(none as never)).toThrow(/fewShot: expected .*\[VALUE\]/)
  })

  test('label sets of nearly all labels take no time', () => {
    const features = tensor([64, 2, 1], new Float32Array(128))
    const { labelSets } = fewShot({ features, classes: 40, testClasses: 0, pairs: 39, labels: 40, heldOutLabels: 0 })
    expect(labelSets.train).toHaveLength(40)
  })

  test('more sequences than memory are refused', () => {
    const task = small({ pairs: 64, burstiness: 64 })
    expect(() => task.batch(0, 2 ** 24)).toThrow(/16777216 sequences of 64 pairs: expected at most .*\[VALUE\]/)
  })

  test('steps and sizes are refused out of range', () => {
    const task = small()
    for (const step of [-1, 0.5, 2 ** 32]) expect(() => task.batch(step, 2)).toThrow(/step.*\[VALUE\]/)
    for (const size of [0, 1.5]) expect(() => task.batch(0, size)).toThrow(/size.*\[VALUE\]/)
    expect(() => task.evaluator('train', 0)).toThrow(/count.*\[VALUE\]/)
  })
})
