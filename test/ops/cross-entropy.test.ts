import { describe, expect, it } from 'vitest'
import { crossEntropy, crossEntropyVjp } from '../../src/ops/cross-entropy.ts'
import { expectClose, floats, ints, runOp } from '../support/run-op.ts'

// Rows of probabilities (1/4, 3/4), (1/2, 1/2), (1/5, 4/5).
const logits = floats([3, 2], [0, Math.log(3), 7, 7, 0, Math.log(4)])
const one = floats([], [1])

describe('cross-entropy', () => {
  it('is the mean of −log probability over the rows that have a target', () => {
    expectClose(runOp(crossEntropy, {}, logits, ints([3], [1, 0, 0])), [
      (Math.log(4 / 3) + Math.log(2) + Math.log(5)) / 3,
    ])
    expectClose(runOp(crossEntropy, {}, logits, ints([3], [-1, 0, -1])), [Math.log(2)])
  })

  it('is 0, with a gradient of 0, where no row has a target', () => {
    const none = ints([3], [-1, -1, -1])
    expect(runOp(crossEntropy, {}, logits, none)).toEqual([0])
    expect(runOp(crossEntropyVjp, {}, logits, none, one)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('has no gradient on rows without a target, and counts only the others', () => {
    const gradient = runOp(crossEntropyVjp, {}, logits, ints([3], [1, -1, 0]), floats([], [2]))
    expectClose(gradient, [1 / 4, -1 / 4, 0, 0, -4 / 5, 4 / 5])
  })

  it('stays finite for logits that a clamp made very low', () => {
    const clamped = floats([1, 3], [-1e9, 2, -1e9])
    expect(runOp(crossEntropy, {}, clamped, ints([1], [1]))).toEqual([0])
    expect(runOp(crossEntropy, {}, clamped, ints([1], [0]))).toEqual([1e9 + 2])
  })
})
