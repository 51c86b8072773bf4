import { describe, expect, it } from 'vitest'
import { mask } from '../../src/ops/mask.ts'
import { runOp } from '../support/run-op.ts'

describe('mask', () => {
  it('is 1 where every axis with a list has its index in the list', () => {
    expect(runOp(mask, { shape: [2, 3], select: [[1], [2, 0]] })).toEqual([0, 0, 0, 1, 0, 1])
    expect(runOp(mask, { shape: [2, 2], select: [null, [1]] })).toEqual([0, 1, 0, 1])
  })

  it('keeps to the edges from each token to the one before', () => {
    const edges = { edges: 'previous-token' }
    expect(runOp(mask, { shape: [3, 3], select: [null, null], ...edges })).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0])
    expect(runOp(mask, { shape: [2, 2, 2], select: [[1], null, null], ...edges })).toEqual([0, 0, 0, 0, 0, 0, 1, 0])
  })

  it('leaves out keys after the query', () => {
    const attrs = { shape: [3, 3], select: [null, null], causal: true }
    expect(runOp(mask, attrs)).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 1])
  })

  it('says which list does not fit its shape', () => {
    expect(() => mask.infer([], { shape: [2, 3], select: [null, [3]] })).toThrow(
      'mask: select: expected for each axis of [2, 3] a list of its indices, or null, got [null,[3]].',
    )
    expect(() => mask.infer([], { shape: [3], select: [null], causal: true })).toThrow('mask: causal')
  })
})
