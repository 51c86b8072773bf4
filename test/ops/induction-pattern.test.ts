import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inductionPattern } from '../../src/ops/induction-pattern.ts'
import { expectClose, ints, runOp } from '../support/run-op.ts'

/** One sequence: the row over exemplar, label, …, query. */
const row = (labels: readonly number[], target: number, strength: number) =>
  runOp(inductionPattern, { strength }, ints([1, labels.length], labels), ints([1], [target]))

describe('induction-pattern', () => {
  it('puts the strength on the label that is the answer and the rest on the other', () => {
    expect(row([3, 1], 3, 0.75)).toEqual([0, 0.75, 0, 0.25, 0])
    expect(row([3, 1], 1, 1)).toEqual([0, 0, 0, 1, 0])
  })

  it('spreads each side evenly where labels occur more than once', () => {
    expect(row([2, 0, 2, 4], 2, 0.5)).toEqual([0, 0.25, 0, 0.25, 0, 0.25, 0, 0.25, 0])
    expectClose(row([0, 2, 2, 1, 2], 2, 0.6), [0, 0.2, 0, 0.2, 0, 0.2, 0, 0.2, 0, 0.2, 0])
    expectClose(row([1, 2, 3], 2, 0), [0, 0.5, 0, 0, 0, 0.5, 0])
  })

  it('attends all label tokens evenly where none, or every one, is the answer', () => {
    expect(row([3, 1], 0, 0.9)).toEqual([0, 0.5, 0, 0.5, 0])
    expect(row([4, 4], 4, 0.9)).toEqual([0, 0.5, 0, 0.5, 0])
    expect(row([2], 2, 0.1)).toEqual([0, 1, 0])
    expect(row([2], 3, 0.1)).toEqual([0, 1, 0])
  })

  it('keeps the sequences of a batch apart', () => {
    const both = runOp(inductionPattern, { strength: 1 }, ints([2, 2], [0, 1, 1, 0]), ints([2], [0, 0]))
    expect(both).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
  })

  it('has mass 1, in the asked shares, alike on tokens that are alike, for 2 to 16 pairs', () => {
    const labels = fc.array(fc.nat(4), { minLength: 2, maxLength: 16 })
    fc.assert(
      fc.property(labels, fc.nat(4), fc.double({ min: 0, max: 1, noNaN: true }), (all, target, strength) => {
        const tokens = row(all, target, strength)
        const massOn = (chosen: (label: number) => boolean) =>
          all.reduce((sum, label, i) => sum + (chosen(label) ? tokens[2 * i + 1] : 0), 0)
        const exemplars = tokens.filter((_, position) => position % 2 === 0)
        expect(exemplars).toEqual(new Array(all.length + 1).fill(0))
        expect(massOn(() => true)).toBeCloseTo(1, 12)
        if (all.includes(target) && all.some((label) => label !== target)) {
          expect(massOn((label) => label === target)).toBeCloseTo(strength, 12)
        }
        const kinds = [true, false].map((hit) =>
          all.flatMap((l, i) => ((l === target) === hit ? [tokens[2 * i + 1]] : [])),
        )
        for (const kind of kinds) expect(new Set(kind).size).toBeLessThanOrEqual(1)
      }),
    )
  })
})
