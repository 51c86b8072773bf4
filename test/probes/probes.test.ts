import {
  accuracyProbe,
  attentionOnly,
  crossEntropyProbe,
  inContextAccuracyProbe,
  inductionStrength,
  OpsinError,
  type Probe,
  type Task,
  tensor,
  train,
} from 'opsin'
import { describe, expect, it } from 'vitest'

const ints = (shape: number[], values: number[]) => tensor(shape, Int32Array.from(values))
const floats = (shape: number[], values: number[]) => tensor(shape, Float64Array.from(values))
const log = Math.log

/** Two sequences of two pairs over three labels; logits are logs of probabilities. */
const batch = { labels: ints([2, 2], [0, 2, 1, 2]), targets: ints([2], [0, 2]) }
const logits = floats([2, 1, 3], [log(0.3), log(0.6), log(0.1), log(0.7), log(0.2), log(0.1)])
const read = (probe: Probe, points: object, on: object = batch) => probe.read({ points, batch: on } as never)

describe('loss', () => {
  it('is the mean of −log p of the target', () => {
    expect(read(crossEntropyProbe(), { logits })).toBeCloseTo(-(log(0.3) + log(0.1)) / 2, 12)
  })

  it('does not overflow, and does not care for a common shift', () => {
    const far = floats([1, 1, 2], [10_000, 10_000])
    expect(read(crossEntropyProbe(), { logits: far }, { targets: ints([1], [1]) })).toBeCloseTo(log(2), 12)
    const low = floats([1, 1, 2], [-1e9, 0])
    expect(read(crossEntropyProbe(), { logits: low }, { targets: ints([1], [0]) })).toBe(1e9)
  })

  it('leaves out what has no target', () => {
    const rows = floats([1, 3, 2], [log(0.9), log(0.1), log(0.5), log(0.5), 7, 9])
    expect(read(crossEntropyProbe(), { logits: rows }, { targets: ints([1, 3], [0, 1, -1]) })).toBeCloseTo(
      -(log(0.9) + log(0.5)) / 2,
      12,
    )
    expect(read(crossEntropyProbe(), { logits: rows }, { targets: ints([1, 3], [-1, -1, -1]) })).toBe(0)
  })

  it('refuses targets that do not fit', () => {
    expect(() => read(crossEntropyProbe(), { logits }, { targets: ints([3], [0, 0, 0]) })).toThrow(
      /expected 2 targets, got 3.*\[SHAPE\]/,
    )
    expect(() => read(crossEntropyProbe(), { logits }, {})).toThrow(OpsinError)
  })
})

describe('accuracy', () => {
  it('is the share of targets with the largest logit, the first of equals', () => {
    expect(read(accuracyProbe(), { logits })).toBe(0)
    expect(read(accuracyProbe(), { logits }, { ...batch, targets: ints([2], [1, 2]) })).toBe(0.5)
    const tied = floats([1, 1, 3], [2, 2, 1])
    expect([0, 1].map((target) => read(accuracyProbe(), { logits: tied }, { targets: ints([1], [target]) }))).toEqual([
      1, 0,
    ])
  })

  it('within the context asks among its labels alone', () => {
    // First: 0 beats 2 in the context, and is right. Second: 1 beats 2, and is wrong.
    expect(read(inContextAccuracyProbe(), { logits })).toBe(0.5)
    expect(() => read(inContextAccuracyProbe(), { logits }, { targets: batch.targets })).toThrow(/labels.*\[VALUE\]/)
  })

  it('within the context is per sequence where every position has a target', () => {
    const both = floats([2, 2, 2], [1, 0, 0, 1, 1, 0, 0, 1])
    const on = { labels: ints([2, 1], [0, 1]), targets: ints([2, 2], [0, 0, 1, 1]) }
    expect(read(inContextAccuracyProbe(), { logits: both }, on)).toBe(1)
    expect(read(accuracyProbe(), { logits: both }, on)).toBe(0.5)
  })
})

describe('induction strength', () => {
  it('is attention from the query to the right labels minus the wrong ones, a number a head', () => {
    const row = (values: number[]) => [...new Array(20).fill(9), ...values]
    const pattern = floats(
      [2, 2, 5, 5],
      [
        ...row([0.1, 0.5, 0.1, 0.2, 0.1]),
        ...row([0, 1, 0, 0, 0]),
        ...row([0.2, 0.4, 0, 0.4, 0]),
        ...row([0, 1, 0, 0, 0]),
      ],
    )
    const strengths = read(inductionStrength({ layer: 1 }), { 'blocks.1.attn.pattern': pattern }) as number[]
    // Sequence 1 answers with its first label, sequence 2 with its second.
    expect(strengths[0]).toBeCloseTo((0.3 + 0) / 2, 12)
    expect(strengths[1]).toBeCloseTo((1 - 1) / 2, 12)
    expect(inductionStrength({ layer: 1, every: 64 })).toMatchObject({ name: 'induction-strength.1', every: 64 })
  })
})

describe('where a probe does not fit', () => {
  const pattern = floats([2, 1, 5, 5], new Array(50).fill(0.2))
  const strength = (on: object, points: object = { 'blocks.0.attn.pattern': pattern }) =>
    read(inductionStrength({ layer: 0 }), points, on)

  it.each<[string, () => unknown, RegExp]>([
    ['no options', () => inductionStrength(undefined as never), /inductionStrength: .*\(layer, every\).*\[VALUE\]/],
    ['no layer', () => inductionStrength({} as never), /layer: expected an integer .*got nothing.*\[VALUE\]/],
    ['half a layer', () => inductionStrength({ layer: 0.5 }), /layer.*got 0\.5.*\[VALUE\]/],
    ['never', () => inductionStrength({ layer: 0, every: 0 }), /every.*\[VALUE\]/],
    ['a misspelt option', () => inductionStrength({ layer: 0, evry: 5 } as never), /Nearest: every.*\[NAME\]/],
    ['an option that loss does not have', () => crossEntropyProbe({ layer: 1 } as never), /"layer".*\[NAME\]/],
    ['a fraction of a sequence', () => accuracyProbe({ every: 0.5 }), /accuracyProbe: every.*\[VALUE\]/],
    ['tokens', () => strength({ tokens: ints([2, 5], new Array(10).fill(0)) }), /labels, got tokens.*\[VALUE\]/],
    ['no batch', () => strength(null as never), /a reading \{ points, batch \}, got null.*\[VALUE\]/],
    ['an empty batch', () => strength({}), /labels, got none.*\[VALUE\]/],
    ['no pattern', () => strength(batch, {}), /hook points with blocks\.0\.attn\.pattern.*\[VALUE\]/],
    ['other pairs', () => strength({ ...batch, labels: ints([2, 3], new Array(6).fill(0)) }), /\[2, 2\].*\[SHAPE\]/],
    ['other targets', () => strength({ ...batch, targets: ints([3], [0, 0, 0]) }), /targets.*\[2\].*\[SHAPE\]/],
    [
      'a label beyond the logits',
      () => read(inContextAccuracyProbe(), { logits }, { ...batch, labels: ints([2, 2], [0, 3, 1, 2]) }),
      /labels.*from 0 to 2, got 3.*\[VALUE\]/,
    ],
    [
      'a target beyond the logits',
      () => read(crossEntropyProbe(), { logits }, { targets: ints([2], [0, 3]) }),
      /targets.*from 0 to 2, got 3.*\[VALUE\]/,
    ],
  ])('%s: it says so', (_, make, message) => expect(make).toThrow(message))

  it('on a model of tokens a run says so before its first step', async () => {
    const model = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 4 } })
    const tokens = tensor([1, 5], Int32Array.of(0, 1, 2, 3, 0))
    const task: Task = {
      name: 'tokens',
      config: {},
      sizes: {},
      tables: {},
      batch: () => ({ tokens, targets: tensor([1], Int32Array.of(1)) }),
      evaluators: ['train'],
      evaluator: () => task.batch(0, 1),
    }
    const training = (layer: number) =>
      train(model, task, { sequences: 1, batch: 1, probes: [inductionStrength({ layer })] })
    await expect(training(0)).rejects.toThrow(
      /inductionStrength: expected a task whose batches have labels, got tokens/,
    )
    await expect(training(7)).rejects.toThrow(/"blocks\.7\.attn\.pattern".*Nearest: blocks\.0\.attn\.pattern.*\[NAME\]/)
  })
})

it('induction strength where every position has a target is of the last', () => {
  const pattern = floats([1, 1, 3, 3], [9, 9, 9, 9, 9, 9, 0.2, 0.7, 0.1])
  const read = (targets: number[]) =>
    inductionStrength({ layer: 0 }).read({
      points: { 'blocks.0.attn.pattern': pattern },
      batch: { labels: ints([1, 1], [2]), targets: ints([1, 3], targets) },
    })
  expect(read([0, -1, 2])).toEqual([0.7])
  expect(read([2, 2, 0])).toEqual([-0.7])
})
