import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OpsinError } from '../../src/core/errors.ts'
import { cosSinOfWord, logOfWord } from '../../src/core/exact-math.ts'
import { mulHigh, philoxBlock } from '../../src/core/philox.ts'
import { philox, streams } from '../../src/core/rng.ts'

const word = fc.integer({ min: 0, max: 0xffffffff })

/** Chi-square statistic of counts against equal expectation. */
function chiSquare(counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((a, b) => a + b, 0)
  const expected = total / counts.length
  return Array.from(counts).reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
}

describe('philox', () => {
  // Known answers published with Random123 (kat_vectors, philox4x32 10).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [-1, -1, -1, -1],
      [-1, -1],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('counter %j and key %j give the known answer', (c, k, answer) => {
    const out = new Uint32Array(4)
    philoxBlock(out, k[0], k[1], c[0], c[1], c[2], c[3])
    expect(Array.from(out)).toEqual(answer)
  })

  test('mulHigh is the high word of the 64-bit product', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(mulHigh(a, b) >>> 0).toBe(Number((BigInt(a) * BigInt(b)) >> 32n))
      }),
    )
  })

  test('the counter is (block, tensor, step, attempt) and the key (seed, stream)', () => {
    const out = new Uint32Array(4)
    philoxBlock(out, 11, 3, 5, 7, 9, 0)
    const rng = philox(11, 3)
    expect([20, 21, 22, 23].map((element) => rng.uint32(9, 7, element))).toEqual(Array.from(out))
  })

  test('a number does not depend on what was drawn before', () => {
    const draws = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(9), fc.nat(4)), { minLength: 1, maxLength: 30 })
    const used = philox(5, 1)
    const draw = (rng: typeof used, [step, tensor, element, kind]: [number, number, number, number]) =>
      [
        rng.uint32(step, tensor, element),
        rng.uniform(step, tensor, element),
        rng.below(3e9, step, tensor, element),
        rng.normal(step, tensor, element),
        rng.truncatedNormal(step, tensor, element),
      ][kind]
    fc.assert(
      fc.property(draws, (list) => {
        for (const address of list) expect(draw(used, address)).toBe(draw(philox(5, 1), address))
      }),
    )
  })

  test('seeds and streams are checked', () => {
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => philox(bad, 0)).toThrow(OpsinError)
      expect(() => philox(0, bad)).toThrow(/\[VALUE\]/)
    }
    expect(new Set(Object.values(streams)).size).toBe(Object.keys(streams).length)
  })
})

describe('exact mathematics', () => {
  test('log, cos and sin of a word agree with the engine', () => {
    const pair = new Float64Array(2)
    const edges = fc.oneof(word, fc.constantFrom(0, 1, 0x1fffffff, 0x20000000, 0x7fffffff, 0x80000000, 0xffffffff))
    fc.assert(
      fc.property(edges, (w) => {
        const log = Math.log((w + 0.5) / 2 ** 32)
        expect(Math.abs(logOfWord(w) - log)).toBeLessThanOrEqual(1e-15 * Math.abs(log))
        cosSinOfWord(w, pair)
        const angle = (w / 2 ** 32) * 2 * Math.PI
        expect(Math.abs(pair[0] - Math.cos(angle))).toBeLessThan(1.5e-15)
        expect(Math.abs(pair[1] - Math.sin(angle))).toBeLessThan(1.5e-15)
      }),
      { numRuns: 2000 },
    )
  })

  test('the bits are pinned: a change here changes every seeded result', () => {
    const rng = philox(5, streams.init)
    const bits = new Float64Array([0, 1, 2, 3].map((i) => rng.normal(0, 0, i)))
    expect(Array.from(bits)).toMatchInlineSnapshot(`
      [
        0.6612764124924995,
        0.3096874398876893,
        0.1769081059386888,
        -0.03869603683811794,
      ]
    `)
    expect([0, 1, 2].map((i) => rng.truncatedNormal(1, 2, i))).toMatchInlineSnapshot(`
      [
        -1.3457612398265368,
        0.3681313425433402,
        0.9898754941320252,
      ]
    `)
  })
})

describe('distributions', () => {
  const rng = philox(17, 2)
  const count = 200_000

  test('below is uniform, for n that does not divide 2^32 too', () => {
    const counts = new Float64Array(7)
    for (let i = 0; i < 70_000; i++) counts[rng.below(7, 0, 0, i)]++
    expect(chiSquare(counts)).toBeLessThan(22.5) // 6 degrees of freedom, p = .001
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (n, i) => {
        const value = rng.below(n, 1, 1, i)
        expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true)
      }),
    )
    // Rejected nearly half of the time: the halves stay equal.
    const n = 2 ** 31 + 2 ** 29
    let low = 0
    for (let i = 0; i < 20_000; i++) if (rng.below(n, 2, 0, i) < n / 2) low++
    expect(Math.abs(low - 10_000)).toBeLessThan(330)
  })

  test('normal has the moments of a normal, and both halves of a pair do', () => {
    const values = rng.fillNormal(new Float64Array(count), 0, 1)
    const mean = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / count
    expect(Math.abs(mean(1))).toBeLessThan(0.01)
    expect(Math.abs(mean(2) - 1)).toBeLessThan(0.015)
    expect(Math.abs(mean(3))).toBeLessThan(0.03)
    expect(Math.abs(mean(4) - 3)).toBeLessThan(0.1)
    let product = 0
    for (let i = 0; i < count; i += 2) product += values[i] * values[i + 1]
    expect(Math.abs(product / (count / 2))).toBeLessThan(0.015)
  })

  test('truncatedNormal stays in [-2, 2] and has its variance', () => {
    const values = rng.fillTruncatedNormal(new Float64Array(count), 0, 2)
    expect(values.every((x) => x >= -2 && x <= 2)).toBe(true)
    const mean = values.reduce((a, b) => a + b, 0) / count
    const variance = values.reduce((a, b) => a + b * b, 0) / count
    expect(Math.abs(mean)).toBeLessThan(0.01)
    expect(Math.abs(Math.sqrt(variance) - 0.87962566)).toBeLessThan(0.005)
  })

  test('fills are the single draws', () => {
    const uniform = rng.fillUniform(new Float64Array(9), 3, 4)
    const normal = rng.fillNormal(new Float64Array(9), 3, 5)
    const truncated = rng.fillTruncatedNormal(new Float64Array(9), 3, 6)
    for (let i = 0; i < 9; i++) {
      expect(uniform[i]).toBe(rng.uniform(3, 4, i))
      expect(normal[i]).toBe(rng.normal(3, 5, i))
      expect(truncated[i]).toBe(rng.truncatedNormal(3, 6, i))
    }
  })

  test('permutation holds each integer once, all orders equally often', () => {
    expect(Array.from(rng.permutation(20, 0, 0)).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(rng.permutation(0, 0, 0)).toHaveLength(0)
    const counts: Record<string, number> = {}
    for (let step = 0; step < 6000; step++) {
      const key = rng.permutation(3, step, 9).join('')
      counts[key] = (counts[key] ?? 0) + 1
    }
    expect(Object.keys(counts)).toHaveLength(6)
    expect(chiSquare(Object.values(counts))).toBeLessThan(20.5) // 5 degrees of freedom, p = .001
  })
})
