import { describe, expect, it } from 'vitest'
import { broadcast } from '../../src/ops/broadcast.ts'
import { constant } from '../../src/ops/constant.ts'
import { gather, gatherVjp } from '../../src/ops/gather.ts'
import { interleave } from '../../src/ops/interleave.ts'
import { pack } from '../../src/ops/pack.ts'
import { put } from '../../src/ops/put.ts'
import { reduceSum } from '../../src/ops/reduce-sum.ts'
import { sinusoid } from '../../src/ops/sinusoid.ts'
import { take } from '../../src/ops/take.ts'
import { expectClose, floats, ints, runOp } from '../support/run-op.ts'

const table = floats([3, 2], [1, 2, 3, 4, 5, 6])

describe('ops that move numbers', () => {
  it('constant: one number everywhere, or one an element', () => {
    expect(runOp(constant, { shape: [2, 2], value: 7 })).toEqual([7, 7, 7, 7])
    expect(runOp(constant, { shape: [2], value: [1, 2] })).toEqual([1, 2])
    expect(() => constant.infer([], { shape: [2], value: [1] })).toThrow('one number, or 2 for shape [2], got 1.')
  })

  it('broadcast and reduce-sum align at the last axis', () => {
    expect(runOp(broadcast, { shape: [2, 3] }, floats([3], [1, 2, 3]))).toEqual([1, 2, 3, 1, 2, 3])
    expect(runOp(broadcast, { shape: [2, 3] }, floats([2, 1], [1, 2]))).toEqual([1, 1, 1, 2, 2, 2])
    expect(runOp(reduceSum, { shape: [2] }, table)).toEqual([9, 12])
    expect(runOp(reduceSum, { shape: [3, 1] }, table)).toEqual([3, 7, 11])
    expect(runOp(reduceSum, { shape: [] }, table)).toEqual([21])
  })

  it('take: rows in the order asked for; put: added up in their places, among zeros', () => {
    expect(runOp(take, { axis: 0, indices: [2, 0, 2] }, table)).toEqual([5, 6, 1, 2, 5, 6])
    expect(runOp(take, { axis: 1, indices: [1] }, table)).toEqual([2, 4, 6])
    expect(runOp(put, { axis: 0, indices: [2, 0, 2], length: 4 }, table)).toEqual([3, 4, 0, 0, 6, 8, 0, 0])
    expect(() => runOp(take, { axis: 1, indices: [2] }, table)).toThrow('one index from 0 to 1 (axis 1 of [3, 2])')
  })

  it('gather: rows by id, added up on the way back', () => {
    expect(runOp(gather, {}, table, ints([2], [1, 1]))).toEqual([3, 4, 3, 4])
    expect(runOp(gatherVjp, { rows: 2 }, table, ints([3], [1, 1, 0]))).toEqual([5, 6, 4, 6])
  })

  it('interleave: the first at even positions, and one more of them if odd', () => {
    const [a, b] = [floats([1, 2, 1], [1, 2]), floats([1, 1, 1], [9])]
    expect(runOp(interleave, {}, a, b)).toEqual([1, 9, 2])
    expect(() => runOp(interleave, {}, b, a)).toThrow('n = m or n = m + 1, got float [1, 1, 1], float [1, 2, 1].')
  })

  it('pack: one after the other', () => {
    expect(runOp(pack, {}, table, floats([], [7]))).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('sinusoid: pairs of sine and cosine, slower and slower', () => {
    const [first, second] = [0, 1].map((p) => [Math.sin(p), Math.cos(p), Math.sin(p / 100), Math.cos(p / 100)])
    expectClose(runOp(sinusoid, { positions: 2, width: 4, base: 10_000 }), [...first, ...second])
  })
})
