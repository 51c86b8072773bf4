import {
  accuracyProbe,
  inContextAccuracyProbe,
  inductionStrength,
  lossProbe,
  OpsinError,
  type Probe,
  tensor,
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
    expect(read(lossProbe(), { logits })).toBeCloseTo(-(log(0.3) + log(0.1)) / 2, 12)
  })

  it('does not overflow, and does not care for a common shift', () => {
    const far = floats([1, 1, 2], [10_000, 10_000])
    expect(read(lossProbe(), { logits: far }, { targets: ints([1], [1]) })).toBeCloseTo(log(2), 12)
    const low = floats([1, 1, 2], [-1e9, 0])
    expect(read(lossProbe(), { logits: low }, { targets: ints([1], [0]) })).toBe(1e9)
  })

  it('leaves out what has no target', () => {
    const rows = floats([1, 3, 2], [log(0.9), log(0.1), log(0.5), log(0.5), 7, 9])
    expect(read(lossProbe(), { logits: rows }, { targets: ints([1, 3], [0, 1, -1]) })).toBeCloseTo(
      -(log(0.9) + log(0.5)) / 2,
      12,
    )
    expect(read(lossProbe(), { logits: rows }, { targets: ints([1, 3], [-1, -1, -1]) })).toBe(0)
  })

  it('refuses targets that do not fit', () => {
    expect(() => read(lossProbe(), { logits }, { targets: ints([3], [0, 0, 0]) })).toThrow(
      /expected 2 targets, got 3.*\[SHAPE\]/,
    )
    expect(() => read(lossProbe(), { logits }, {})).toThrow(OpsinError)
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
