import { attentionOnly, type Initializer, initialize, initializers, OpsinError, tensor } from 'opsin'
import { describe, expect, it, test } from 'vitest'

const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })

/** What a lone parameter of this shape starts with, as if at a place of its model. */
function draw(
  initializer: Initializer,
  shape: readonly number[],
  { seed = 5, precision = 'f64' as 'f32' | 'f64' } = {},
) {
  const parameters = [{ name: 'w', shape, initializer }]
  return Array.from(initialize({ ...model, parameters }, seed, precision).w.data)
}

const square = [120, 120]
const wide = [40, 360]
const meanOf = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
const varianceOf = (values: number[]) => meanOf(values.map((x) => (x - meanOf(values)) ** 2))

describe('random kinds have their moments and bounds', () => {
  const { normal, truncatedNormal, uniform, varianceScaling, torchLinear } = initializers
  test.each<[string, Initializer, number[], number, number, number]>([
    // initialiser, shape, mean, variance, largest distance from the mean
    ['normal', normal({ deviation: 0.3, mean: 2 }), square, 2, 0.09, Number.POSITIVE_INFINITY],
    ['truncated normal', truncatedNormal({ deviation: 0.3 }), square, 0, 0.09 * 0.7737413, 0.6],
    ['uniform', uniform({ from: -1, to: 3 }), square, 1, 16 / 12, 2],
    ['torch linear', torchLinear(), wide, 0, 1 / 40 / 3, 1 / Math.sqrt(40)],
    ['torch linear bias', torchLinear({ fanIn: 16 }), [9000], 0, 1 / 16 / 3, 0.25],
    ['LeCun', varianceScaling(), wide, 0, 1 / 40, 2 / Math.sqrt(40) / 0.8796],
    ['He', varianceScaling({ scale: 2, distribution: 'normal' }), wide, 0, 2 / 40, Number.POSITIVE_INFINITY],
    ['by outputs', varianceScaling({ mode: 'fan_out', distribution: 'normal' }), wide, 0, 1 / 360, 1],
    ['Glorot', varianceScaling({ mode: 'fan_avg', distribution: 'uniform' }), wide, 0, 1 / 200, Math.sqrt(3 / 200)],
  ])('%s', (_, initializer, shape, mean, variance, bound) => {
    const values = draw(initializer, shape)
    expect(Math.abs(meanOf(values) - mean)).toBeLessThan(4 * Math.sqrt(variance / values.length))
    expect(Math.abs(varianceOf(values) / variance - 1)).toBeLessThan(6 / Math.sqrt(values.length))
    const largest = Math.max(...values.map((x) => Math.abs(x - mean)))
    expect(largest).toBeLessThanOrEqual(bound)
    if (Number.isFinite(bound) && bound < 1) expect(largest).toBeGreaterThan(0.9 * bound)
  })
})

describe('orthogonal', () => {
  test.each([[[9, 5]], [[5, 9]], [[80, 80]], [[1, 4]]])('%j has rows or columns that are', (shape) => {
    const [rows, columns] = shape
    const values = draw(initializers.orthogonal({ gain: 3 }), shape)
    const at = (i: number, j: number) => (rows < columns ? values[i * columns + j] : values[j * columns + i])
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let dot = 0
        for (let j = 0; j < length; j++) dot += at(a, j) * at(b, j)
        // Without the second time, a square matrix of 80 is off by 1e-14 and more.
        if (!(Math.abs(dot - (a === b ? 9 : 0)) < 1e-14)) throw new Error(`${a} · ${b} = ${dot}`)
      }
    }
  })

  it('turns either way: signs are not one-sided', () => {
    const first = Array.from({ length: 200 }, (_, seed) => draw(initializers.orthogonal(), [3, 3], { seed })[0])
    expect(Math.abs(meanOf(first))).toBeLessThan(0.2)
    expect(varianceOf(first)).toBeGreaterThan(0.2)
  })
})

describe('kinds that are not random', () => {
  test.each<[string, Initializer, number[], number[]]>([
    ['zeros', initializers.zeros, [2], [0, 0]],
    ['ones', initializers.ones, [2], [1, 1]],
    ['identity', initializers.identity(), [2, 2], [1, 0, 0, 1]],
    ['a tall identity', initializers.identity({ gain: 0.5 }), [3, 2], [0.5, 0, 0, 0.5, 0, 0]],
    ['a wide identity', initializers.identity(), [2, 3], [1, 0, 0, 0, 1, 0]],
    ['given', initializers.given(tensor([2, 2], Float32Array.of(1, 2, 3, 4))), [2, 2], [1, 2, 3, 4]],
  ])('%s', (_, initializer, shape, expected) => expect(draw(initializer, shape)).toEqual(expected))
})

const all: Record<string, Initializer> = {
  zeros: initializers.zeros,
  ones: initializers.ones,
  normal: initializers.normal({ deviation: 1 }),
  truncatedNormal: initializers.truncatedNormal({ deviation: 1 }),
  uniform: initializers.uniform({ from: 0, to: 1 }),
  varianceScaling: initializers.varianceScaling(),
  torchLinear: initializers.torchLinear(),
  orthogonal: initializers.orthogonal(),
  identity: initializers.identity(),
  given: initializers.given(tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))),
}

it('all of them are here', () => expect(Object.keys(all).sort()).toEqual(Object.keys(initializers).sort()))

describe.each(Object.entries(all))('%s', (_, initializer) => {
  it('is plain JSON, which rebuilds it', () => {
    const again = JSON.parse(JSON.stringify(initializer))
    expect(again).toEqual(initializer)
    expect(draw(again, [2, 3])).toEqual(draw(initializer, [2, 3]))
  })

  it('is the same in both precisions, to rounding', () => {
    const doubles = draw(initializer, [2, 3])
    draw(initializer, [2, 3], { precision: 'f32' }).forEach((x, i) => {
      expect(Math.abs(x - doubles[i])).toBeLessThanOrEqual(2 ** -22 * Math.max(1, Math.abs(x)))
    })
  })

  it('refuses an option that it does not have', () => {
    const strange = { ...initializer, deviatoin: 1 } as unknown as Initializer
    expect(() => draw(strange, [2, 3])).toThrow(/parameter "w": .*"deviatoin".*\[NAME\]/)
  })
})

it('numbers depend on the seed and on the place in the model', () => {
  const initializer = initializers.normal({ deviation: 1 })
  const parameters = ['a', 'b'].map((name) => ({ name, shape: [4], initializer }))
  const { a, b } = initialize({ ...model, parameters }, 5)
  expect(a).not.toEqual(b)
  expect(Array.from(a.data)).toEqual(draw(initializer, [4], { precision: 'f32' }))
  expect(draw(initializer, [4], { seed: 6 })).not.toEqual(draw(initializer, [4]))
})

describe('what cannot be drawn is refused', () => {
  const strange = (initializer: unknown) => initializer as Initializer
  test.each<[string, () => unknown, RegExp]>([
    ['no initialiser', () => draw(strange(undefined), [2]), /parameter "w": initializer: .*got nothing.*\[VALUE\]/],
    ['another kind', () => draw(strange({ kind: 'nomral' }), [2]), /initializer: kind.*Nearest: normal.*\[NAME\]/],
    ['no deviation', () => draw(strange({ kind: 'normal' }), [2]), /normal: deviation.*got nothing.*\[VALUE\]/],
    [
      'the fan of a vector',
      () => draw(initializers.torchLinear(), [2]),
      /a matrix \[in, out\], got \[2\]\..*\[SHAPE\]/,
    ],
    ['an identity of three axes', () => draw(initializers.identity(), [2, 2, 2]), /a matrix.*\[SHAPE\]/],
    ['another shape', () => draw(all.given, [3, 2]), /given: expected \[3, 2\], got \[2, 3\].*\[SHAPE\]/],
    ['too few numbers', () => draw(strange({ kind: 'given', shape: [2], values: [1] }), [2]), /2 numbers.*\[VALUE\]/],
    ['no range', () => initializers.uniform({ from: 1, to: 1 }), /uniform: to: expected a number above 1.*\[VALUE\]/],
    ['no deviation at all', () => initializers.normal({ deviation: 0 }), /normal: deviation.*\[VALUE\]/],
    ['another mode', () => initializers.varianceScaling({ mode: 'fan' as never }), /fan_in \| fan_out.*\[VALUE\]/],
    ['NaN', () => initializers.given(tensor([1], Float32Array.of(Number.NaN))), /given: values.*finite.*\[VALUE\]/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OpsinError)
  })
})
