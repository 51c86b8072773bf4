import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchPattern } from '../../src/ops/match-pattern.ts'
import { expectClose, floats, runOp } from '../support/run-op.ts'

/** One sequence of exemplars with two features each, one after the other; the last is the query. */
const row = (features: readonly number[], temperature: number) =>
  runOp(matchPattern, { temperature }, floats([1, features.length / 2, 2], features))

describe('match-pattern', () => {
  it('is the softmax of the cosines over the temperature, on the labels', () => {
    // Cosines with the query (1, 0) are 1 and 0: at temperature 1 the odds are e to 1.
    const odds = Math.E / (Math.E + 1)
    expectClose(row([3, 0, 0, 2, 1, 0], 1), [0, odds, 0, 1 - odds, 0])
    // Cosines 3/5 and 4/5 at temperature 1/10: the exponents differ by 2.
    const far = 1 / (1 + Math.exp(2))
    expectClose(row([3, 4, 8, 6, 2, 0], 0.1), [0, far, 0, 1 - far, 0])
  })

  it('keeps the sequences of a batch apart', () => {
    const both = floats([2, 3, 2], [1, 0, 0, 1, 1, 0, /* second */ 1, 0, 0, 1, 0, 1])
    expect(runOp(matchPattern, { temperature: 0 }, both)).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
  })

  it('has, for 2 to 16 pairs, the odds that the angles ask for', () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true })
    const temperature = fc.double({ min: 0.1, max: 3, noNaN: true })
    fc.assert(
      fc.property(fc.array(angle, { minLength: 2, maxLength: 16 }), angle, temperature, (context, query, t) => {
        // On the unit circle the cosine between two exemplars is the cosine of the angle between them.
        const circle = [...context, query].flatMap((a) => [Math.cos(a), Math.sin(a)])
        const cosines = context.map((a) => Math.cos(a - query))
        const weights = cosines.map((own) => 1 / cosines.reduce((sum, other) => sum + Math.exp((other - own) / t), 0))
        expectClose(row(circle, t), [...weights.flatMap((weight) => [0, weight]), 0])
      }),
    )
  })

  it('does not care how long an exemplar is', () => {
    expectClose(row([2.1, -14, 1, 1.5, 0.02, -0.01], 0.5), row([0.3, -2, 1, 1.5, 2, -1], 0.5))
  })

  it('refuses a negative temperature and a context without exemplars', () => {
    expect(() => row([1, 0, 1, 0], -1)).toThrow('[VALUE]')
    expect(() => row([1, 0], 1)).toThrow('[SHAPE]')
  })
})

describe('match-pattern at its edges', () => {
  it('is 1 at the best match at temperature 0, and at each of equal best ones', () => {
    expect(row([1, 0, 2, 2.1, 1, 1], 0)).toEqual([0, 0, 0, 1, 0])
    expect(row([1, 1, 1, 0, 1, 1, 1, 1], 0)).toEqual([0, 1, 0, 0, 0, 1, 0])
    expect(row([1, 0, 1, 0, 1, 1], 0)).toEqual([0, 1, 0, 1, 0])
  })

  it('finds the copies of the query among 2 to 16 exemplars', () => {
    const kinds = [
      [1, 0],
      [0, 1],
      [-1, 2],
      [3, 3],
    ]
    const context = fc.array(fc.nat(3), { minLength: 2, maxLength: 16 })
    fc.assert(
      fc.property(context, fc.nat(3), (chosen, query) => {
        fc.pre(chosen.includes(query))
        const tokens = row(
          [...chosen, query].flatMap((kind) => kinds[kind]),
          0,
        )
        expect(tokens).toEqual([...chosen.flatMap((kind) => [0, Number(kind === query)]), 0])
      }),
    )
  })

  it('gives an exemplar of zeros the cosine 0', () => {
    expect(row([0, 0, -1, 0, 1, 0], 0)).toEqual([0, 1, 0, 0, 0])
    expect(row([0, 0, 0, 1, 1, 0], 2)).toEqual([0, 0.5, 0, 0.5, 0])
    expect(row([5, 1, 0, 1, 0, 0], 0)).toEqual([0, 1, 0, 1, 0])
  })
})
