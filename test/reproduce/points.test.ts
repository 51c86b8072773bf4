import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstBelow, firstCrossing, lossAt, type Points, timeBetween } from '../../src/reproduce/points.ts'

/** Curves: rising moments, positive losses. */
const points = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.01, max: 3, noNaN: true })), {
    minLength: 2,
    maxLength: 20,
  })
  .map((steps): Points => {
    const moments = steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, [gap]) => sum + gap, 0))
    return steps.map(([, loss], i) => [moments[i], loss])
  })

describe('points of a curve', () => {
  test('lossAt meets the points, lies between neighbours, and is nothing outside', () => {
    fc.assert(
      fc.property(points, (curve) => {
        for (const [at, loss] of curve) expect(lossAt(curve, at)).toBe(loss)
        const [[from, before], [to, after]] = curve
        const middle = lossAt(curve, (from + to) / 2)
        expect(middle).toBeCloseTo((before + after) / 2)
        expect(lossAt(curve, from - 1)).toBeUndefined()
        expect(lossAt(curve, curve[curve.length - 1][0] + 1)).toBeUndefined()
      }),
    )
  })

  test('firstBelow is where the curve meets the level, and it was above before', () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0.1, max: 2.9, noNaN: true }), (curve, level) => {
        const at = firstBelow(curve, level)
        if (at !== undefined && at > curve[0][0]) expect(lossAt(curve, at)).toBeCloseTo(level)
        const before = curve.filter(([when]) => at === undefined || when < at)
        expect(before.every(([, loss]) => loss >= level)).toBe(true)
      }),
    )
  })

  test('the times in two halves of a band add up to that in the whole, and all bands to the whole curve', () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0.1, max: 2.9, noNaN: true }), (curve, level) => {
        fc.pre(curve.every(([, loss]) => loss !== level))
        const [below, above] = [timeBetween(curve, 0, level), timeBetween(curve, level, 4)]
        expect(below + above).toBeCloseTo(curve[curve.length - 1][0] - curve[0][0])
        expect(timeBetween(curve, 0, 4)).toBeCloseTo(below + above)
      }),
    )
  })

  test('firstCrossing waits until the curve has been above', () => {
    const level: Points = [
      [0, 1],
      [40, 1],
    ]
    expect(
      firstCrossing(
        [
          [0, 0.5],
          [10, 1.5],
          [20, 0.5],
          [40, 0],
        ],
        level,
      ),
    ).toBe(15)
    expect(
      firstCrossing(
        [
          [0, 0.5],
          [40, 0],
        ],
        level,
      ),
    ).toBeUndefined()
  })
})
