import { describe, expect, test } from 'vitest'
import { philox, streams } from '../../src/core/rng.ts'
import { type Draws, drawsOf } from '../../src/tasks/draws.ts'
import { categorical } from '../../src/tasks/index.ts'
import { chiSquare, chiSquareLimit, countsOf } from '../support/chi-square.ts'

const at = drawsOf(3, streams.data)
const many = <T>(count: number, of: () => T) => Array.from({ length: count }, of)

describe('the numbers of a row', () => {
  test('are those of its address, whatever was drawn before', () => {
    const take = (draw: Draws) => [
      draw.uniform(),
      draw.below(10),
      draw.normal(),
      draw.uniform(),
      ...draw.distinct(3, 9),
    ]
    const first = take(at(5, 2))
    at(6, 0).normal()
    expect(take(at(5, 2))).toEqual(first)
    expect(take(at(5, 3))).not.toEqual(first)
    expect(take(drawsOf(4, streams.data)(5, 2))).not.toEqual(first)
  })

  test('never come of the same word twice, normal ones of two words each', () => {
    const rng = philox(3, streams.data)
    const draw = at(1, 1)
    const kinds = [draw.uniform(), draw.normal(), draw.uniform(), draw.normal(), draw.normal(), draw.normal()]
    // Word 0; the pair 2, 3; word 4; the pairs 6, 7 and 8, 9.
    expect(kinds).toEqual([
      rng.uniform(1, 1, 0),
      rng.normal(1, 1, 2),
      rng.uniform(1, 1, 4),
      rng.normal(1, 1, 6),
      rng.normal(1, 1, 7),
      rng.normal(1, 1, 8),
    ])
  })

  test.each([
    ['below', (draw: Draws) => draw.below(0)],
    ['below', (draw: Draws) => draw.below(Number.NaN)],
    ['distinct: n', (draw: Draws) => draw.distinct(1, 0.5)],
    ['distinct: count', (draw: Draws) => draw.distinct(4, 3)],
  ])('are not those of an impossible %s', (name, ask) => {
    expect(() => ask(at(0, 0))).toThrow(new RegExp(`^draw\\.${name}: .*\\[VALUE\\]$`))
  })
})

describe('what is drawn', () => {
  test('by distinct is different, each in each place as often', () => {
    const draw = at(0, 0)
    const lists = many(6000, () => [...draw.distinct(3, 5)])
    expect(lists.every((list) => new Set(list).size === 3)).toBe(true)
    const cells = lists.map(([a, b, c]) => a * 25 + b * 5 + c)
    const possible = [...new Set(cells)]
    expect(possible).toHaveLength(60)
    const counts = countsOf(
      cells.map((cell) => possible.indexOf(cell)),
      60,
    )
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(60))
  })

  test('by shuffle is any order as often', () => {
    const draw = at(0, 1)
    const orders = many(6000, () => draw.shuffle(['a', 'b', 'c']).join(''))
    const possible = [...new Set(orders)]
    const counts = countsOf(
      orders.map((order) => possible.indexOf(order)),
      6,
    )
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(6))
  })

  test('by categorical follows the weights, those of 0 never', () => {
    const draw = at(0, 2)
    const weights = [0, 3, 0, 1, 4, 0]
    const counts = countsOf(
      many(8000, () => categorical(weights)(draw)),
      6,
    )
    expect([counts[0], counts[2], counts[5]]).toEqual([0, 0, 0])
    const drawn = [counts[1], counts[3], counts[4]]
    expect(chiSquare(drawn, [3 / 8, 1 / 8, 4 / 8])).toBeLessThan(chiSquareLimit(3))
  })

  test('by categorical at the edges is never what has weight 0', () => {
    const at = (uniform: number) => ({ ...drawsOf(0, 0)(0, 0), uniform: () => uniform })
    const sampler = categorical([0, 1, 0, 1, 0])
    expect([0, 0.5, 1 - 2 ** -32].map((uniform) => sampler(at(uniform)))).toEqual([1, 3, 3])
  })

  test.each([[[]], [[0, 0]], [[1, -1]], [[1, Number.NaN]], ['12'], [{ length: 2 }]])('not by weights %j', (weights) => {
    expect(() => categorical(weights as number[])).toThrow(/^categorical: expected weights .*\[VALUE\]$/)
  })
})
