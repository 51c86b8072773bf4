import { initialize, preNorm } from 'opsin'
import { describe, expect, it } from 'vitest'

const model = preNorm({ layers: 2, heads: 8, dModel: 64, mlpRatio: 2, positions: 'learned' })
const parameters = initialize(model, 5)

function moments(name: string) {
  const data = Array.from(parameters[name].data)
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length)
  return { mean, deviation, largest: Math.max(...data.map(Math.abs)), count: data.length }
}

/** Truncation at two deviations leaves this share of a unit normal's deviation. */
const TRUNCATED = 0.87962566103423978

describe('initialize', () => {
  it.each([
    ['embed.exemplar.weight', 512],
    ['blocks.0.attn.q.weight', 64],
    ['blocks.0.attn.k.weight', 64],
    ['blocks.1.attn.v.weight', 64],
    ['blocks.1.attn.out.weight', 64],
    ['blocks.0.mlp.in.weight', 64],
    ['blocks.0.mlp.out.weight', 128],
    ['unembed.weight', 64],
  ])('draws %s with variance one over its %i inputs, cut at two deviations', (name, nIn) => {
    const { mean, deviation, largest, count } = moments(name)
    const wanted = Math.sqrt(1 / nIn)
    expect(Math.abs(mean)).toBeLessThan((4 * wanted) / Math.sqrt(count))
    expect(Math.abs(deviation / wanted - 1)).toBeLessThan(3 / Math.sqrt(count))
    expect(largest).toBeLessThanOrEqual((2 * wanted) / TRUNCATED + 1e-7)
    expect(largest).toBeGreaterThan((1.8 * wanted) / TRUNCATED)
  })

  it.each(['embed.label.weight', 'embed.pos.weight'])('draws %s small', (name) => {
    const { deviation, largest, count } = moments(name)
    expect(Math.abs(deviation / (0.02 * TRUNCATED) - 1)).toBeLessThan(3 / Math.sqrt(count))
    expect(largest).toBeLessThanOrEqual(0.04)
  })

  it('starts biases at zero and gains at one', () => {
    for (const { name } of model.parameters) {
      const { data } = parameters[name]
      if (name.endsWith('bias'))
        expect(
          data.every((x) => x === 0),
          name,
        ).toBe(true)
      if (/ln\w*\.weight/.test(name))
        expect(
          data.every((x) => x === 1),
          name,
        ).toBe(true)
    }
  })

  it('gives each parameter numbers of its own, the same for the same seed alone', () => {
    expect(initialize(model, 5)).toEqual(parameters)
    expect(initialize(model, 6)['unembed.weight']).not.toEqual(parameters['unembed.weight'])
    expect(parameters['blocks.0.attn.q.weight']).not.toEqual(parameters['blocks.0.attn.k.weight'])
    expect(parameters['blocks.0.attn.q.weight']).not.toEqual(parameters['blocks.1.attn.q.weight'])
  })

  it('is the same in both precisions, to rounding', () => {
    const doubles = initialize(model, 5, 'f64')
    for (const { name } of model.parameters) {
      const differences = Array.from(doubles[name].data, (x, i) => Math.abs(x - parameters[name].data[i]))
      expect(Math.max(...differences), name).toBeLessThan(2 ** -23)
    }
  })

  it('has 66,629 parameters for the model of the paper', () => {
    const paper = preNorm({ layers: 2, heads: 8, dModel: 64 })
    const sizes = Object.values(initialize(paper, 5)).map(({ data }) => data.length)
    expect(sizes.reduce((a, b) => a + b)).toBe(66_629)
  })
})

it.each<[string, unknown, unknown, unknown, RegExp]>([
  ['no model', undefined, 5, 'f32', /initialize: model: expected a model.*got nothing.*\[VALUE\]/],
  ['what is no model', { parameters: [] }, 5, 'f32', /expected a model.*\[VALUE\]/],
  ['no seed', preNorm({ layers: 1, heads: 2, dModel: 8 }), undefined, 'f32', /seed.*got nothing.*\[VALUE\]/],
  ['half a seed', preNorm({ layers: 1, heads: 2, dModel: 8 }), 0.5, 'f32', /seed.*got 0\.5.*\[VALUE\]/],
  ['another precision', preNorm({ layers: 1, heads: 2, dModel: 8 }), 5, 'f16', /f32 \| f64, got "f16".*\[VALUE\]/],
])('%s is refused', (_, model, seed, precision, message) => {
  expect(() => initialize(model as never, seed as never, precision as never)).toThrow(message)
})
