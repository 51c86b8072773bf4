import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyLogits, copyLogitsVjp } from '../../src/ops/copy-logits.ts'
import { expectClose, floats, ints, runOp } from '../support/run-op.ts'

const logits = (scores: readonly number[], labels: readonly number[], vocab: number, floor: number) =>
  runOp(copyLogits, { vocab, floor }, floats([1, 1, 1, scores.length], scores), ints([1, labels.length], labels))

const softmax = (values: readonly number[]) => {
  const max = Math.max(...values)
  const total = values.reduce((sum, value) => sum + Math.exp(value - max), 0)
  return values.map((value) => Math.exp(value - max) / total)
}

describe('copy-logits', () => {
  it('gives a label of the context its score, bit for bit, and any other the floor', () => {
    expect(logits([0.1, -2.5], [3, 1], 5, -1e9)).toEqual([-1e9, -2.5, -1e9, 0.1, -1e9])
    expect(logits([-1e20, 800], [0, 1], 2, -1e9)).toEqual([-1e20, 800])
  })

  it('adds the exponentials where a label occurs more than once', () => {
    expectClose(logits([Math.log(2), Math.log(5), Math.log(3)], [1, 0, 1], 3, -7), [Math.log(5), Math.log(5), -7])
    expectClose(logits([1000, 1000], [0, 0], 1, -7), [1000 + Math.log(2)])
  })

  it('keeps the sequences of a batch apart', () => {
    const both = runOp(copyLogits, { vocab: 2, floor: -9 }, floats([2, 1, 1, 1], [4, 5]), ints([2, 1], [0, 1]))
    expect(both).toEqual([4, -9, -9, 5])
  })

  it("makes a label's probability the attention on its tokens, for 2 to 16 pairs", () => {
    const pair = fc.record({ score: fc.double({ min: -5, max: 5, noNaN: true }), label: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 16 }), (pairs) => {
        const labels = pairs.map(({ label }) => label)
        const probabilities = softmax(
          logits(
            pairs.map(({ score }) => score),
            labels,
            6,
            -1e9,
          ),
        )
        const attention = softmax(pairs.map(({ score }) => score))
        const expected = [0, 1, 2, 3, 4, 5].map((label) =>
          attention.reduce((sum, weight, i) => sum + (labels[i] === label ? weight : 0), 0),
        )
        expectClose(probabilities, expected)
      }),
    )
  })
})

describe('copy-logits.vjp', () => {
  it("shares a label's gradient among its tokens by their exponentials, and drops that of absent labels", () => {
    const scores = floats([1, 1, 1, 3], [Math.log(3), 0, Math.log(1)])
    const gradient = runOp(copyLogitsVjp, {}, scores, ints([1, 3], [2, 0, 2]), floats([1, 4], [10, 100, 8, 1000]))
    expectClose(gradient, [6, 10, 2])
  })
})
