import {
  ablate,
  at,
  attentionOnly,
  type Batch,
  crossEntropyProbe,
  OpsinError,
  type Task,
  type Tensor,
  type TrainOptions,
  tensor,
  train,
} from 'opsin'
import { describe, expect, test } from 'vitest'
import { withElement } from '../support/models.ts'
import { BATCH, base, model, task } from '../support/runs.ts'

/** The task, with another batch at one step. */
function changedAt(step: number, change: (batch: Batch) => unknown): Task {
  return { ...task, batch: (at, size) => (at === step ? change(task.batch(at, size)) : task.batch(at, size)) as Batch }
}

const without =
  (name: string) =>
  ({ [name]: _, ...rest }: Batch) =>
    rest
const floats = ({ shape, data }: Tensor) => tensor(shape, Float32Array.from(data))
const fewer = ({ shape: [size, ...rest], data }: Tensor) =>
  tensor([size - 1, ...rest], data.slice(0, data.length - data.length / size))

const wrong: [string, (batch: Batch) => unknown, RegExp][] = [
  ['lacks an input', without('labels'), /step 3: input "labels": expected \[4, 2\], got nothing.*\[SHAPE\]/],
  ['lacks all', () => ({}), /step 3: input.*nothing.*\[SHAPE\]/],
  ['is none', () => null, /step 3: input.*nothing.*\[SHAPE\]/],
  ['is yet to come', async (batch) => batch, /step 3: input.*nothing.*\[SHAPE\]/],
  ['has an input that is not there', (batch) => ({ ...batch, labels: undefined }), /step 3: input "labels".*\[SHAPE\]/],
  [
    'misspells an input',
    ({ labels, ...rest }) => ({ lables: labels, ...rest }),
    /step 3.*"lables"\. Nearest: labels.*\[NAME\]/,
  ],
  ['has an unknown key', (batch) => ({ ...batch, mask: batch.labels }), /step 3.*"mask".*Nearest: .*\[NAME\]/],
  [
    'names the input of a replica',
    (batch) => ({ ...batch, 'clean/labels': batch.labels }),
    /step 3.*"clean\/labels"\. Nearest: labels.*\[NAME\]/,
  ],
  [
    'brings a table, which stays the same',
    (batch) => ({ ...batch, features: task.tables.features }),
    /step 3.*comes with each batch.*"features".*\[NAME\]/,
  ],
  [
    'has fewer sequences',
    (batch) => Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, fewer(value)])),
    /step 3: input "exemplars": expected \[4, 3\], got \[3, 3\].*\[SHAPE\]/,
  ],
  [
    'has another shape, of as many elements',
    (batch) => ({ ...batch, exemplars: tensor([3, 4], batch.exemplars.data) }),
    /step 3: input "exemplars".*\[3, 4\].*\[SHAPE\]/,
  ],
  [
    'says another shape than it has',
    (batch) => ({ ...batch, targets: { shape: [4], data: new Int32Array(3) } }),
    /step 3: input "targets": expected 4 elements, got 3.*\[SHAPE\]/,
  ],
  [
    'has floats for ids',
    (batch) => ({ ...batch, labels: floats(batch.labels) }),
    /step 3: input "labels": expected integers.*Float32Array.*\[DTYPE\]/,
  ],
  [
    'has plain arrays',
    (batch) => ({ ...batch, labels: { shape: [4, 2], data: Array.from(batch.labels.data) } }),
    /step 3: input "labels": expected integers.*\[DTYPE\]/,
  ],
  [
    'has an id out of range',
    (batch) => ({ ...batch, exemplars: withElement(batch.exemplars, 7, 6) }),
    /step 3: input "exemplars", element 7: expected an integer from 0 to 5, got 6.*\[VALUE\]/,
  ],
  [
    'has a target below none, which would count as none',
    (batch) => ({ ...batch, targets: withElement(batch.targets, 2, -2) }),
    /step 3: input "targets", element 2: expected an integer from -1 to 4, got -2.*\[VALUE\]/,
  ],
]

/** Under these nothing reads exemplars and labels: passes take them out of the graph. */
const starved = [ablate(at(model, 'embed'))]

describe.each<[string, TrainOptions]>([
  ['free', { ...base, interventions: [] }],
  ['under a clamp that leaves its inputs unread', { ...base, interventions: starved }],
  ['in windows', base],
])('a batch of a run %s', (_, options) => {
  test.each(wrong)('that %s is refused at its step, before anything is computed', async (_, change, message) => {
    const steps: number[] = []
    const run = train(model, changedAt(3, change), { ...options, onStep: ({ step }) => void steps.push(step) })
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(OpsinError)
    expect(steps).toEqual([0, 1, 2])
  })

  test.each(wrong)('that %s is refused at the first step too', async (_, change) => {
    const run = train(model, changedAt(0, change), { ...options, probes: [] })
    await expect(run).rejects.toThrow(OpsinError)
  })
})

test('a batch of tokens is held to its names, and the message knows them', async () => {
  const reads = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 5 } })
  const ids = (shape: number[]) => tensor(shape, new Int32Array(shape.reduce((a, b) => a * b)))
  const of = (name: string, size: number) => ({ [name]: ids([size, 3]), targets: ids([size]) })
  const misspelt = (from: number): Task => ({
    ...task,
    tables: {},
    trainingTables: {},
    batch: (step, size) => of(step < from ? 'tokens' : 'tokns', size),
    evaluator: (_, count = 4) => of('tokens', count),
  })
  const options = { sequences: 8, batch: 4, probes: [crossEntropyProbe()] }
  await expect(train(reads, misspelt(1), options)).rejects.toThrow(/step 1.*"tokns"\. Nearest: tokens/)
  await expect(train(reads, misspelt(0), options)).rejects.toThrow(/input "tokens".*Nearest: tokns/)
})

describe('before the run', () => {
  const refused: [string, Partial<Task>, RegExp][] = [
    [
      'batches of another size than asked for',
      { batch: (step) => task.batch(step, BATCH + 1) },
      /task\.batch\(0, 4\): expected 4 sequences, as asked for, got 5.*\[SHAPE\]/,
    ],
    [
      'a table that nobody reads',
      { trainingTables: { ...task.tables, feature: task.tables.features } },
      /tables.*"feature"\. Nearest: features.*\[NAME\]/,
    ],
    [
      'a table with NaN',
      { trainingTables: { features: withElement(task.tables.features, 5, Number.NaN) } },
      /input "features", element 5.*\[NOT_FINITE\]/,
    ],
    [
      'evaluation sequences with an unknown input',
      { evaluator: (name, count) => ({ ...task.evaluator(name, count), 'clean/labels': task.batch(0, 8).labels }) },
      /"clean\/labels"\. Nearest: labels.*\[NAME\]/,
    ],
    [
      'evaluation sequences of two lengths',
      { evaluator: (name) => ({ ...task.evaluator(name, 8), targets: task.batch(0, 9).targets }) },
      /input "targets".*\[8\], got \[9\].*\[SHAPE\]/,
    ],
    [
      'fewer evaluation sequences than asked for',
      { evaluator: (name) => task.evaluator(name, 5) },
      /evaluator "train": expected 8 sequences, as asked for, got 5.*\[SHAPE\]/,
    ],
    ['no evaluator', { evaluators: [] }, /evaluators: expected at least one name.*\[VALUE\]/],
    ['no batches', { batch: undefined } as object, /task: batch: expected a function, got nothing.*\[VALUE\]/],
    ['a misspelt table', { trainingTables: { feature: task.tables.features } }, /input "features".*Nearest: feature/],
  ]
  test.each(refused)('a task with %s is refused', async (_, change, message) => {
    const told: string[] = []
    const evaluations = 'evaluators' in change ? {} : { evaluations: [{ evaluator: 'train', count: 8 }] }
    const run = train(
      model,
      { ...task, ...change },
      { ...base, ...evaluations, onEvent: ({ type }) => told.push(type) },
    )
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(OpsinError)
    expect(told).toEqual([])
  })
})
