import { Resvg } from '@resvg/resvg-js'
import { tensor } from 'opsin'
import { attentionPatterns, headStrengths, heatMap, lossCurves, renderSvg } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const records = [0, 32].map((sequences) => ({
  step: 0,
  sequences,
  set: 'train',
  values: { 'induction-strength.1': [0, sequences] },
}))
const figures = {
  lossCurves: lossCurves(
    {
      first: [
        [0, 1.5],
        [50, 0.5],
      ],
      second: [
        [0, 1],
        [50, 0.9],
      ],
    },
    { title: 'Two curves', levels: [{ value: 0.7, label: 'here' }] },
  ),
  attentionPatterns: attentionPatterns(tensor([2, 3, 3], new Float32Array(18).fill(0.5)), { title: 'Two heads' }),
  heatMap: heatMap(tensor([2, 2], new Float32Array([0, 1, 2, 3])), { title: 'Two by two', digits: 1 }),
  headStrengths: headStrengths({ records }, { title: 'Strengths' }),
}

describe('renderSvg', () => {
  test.each(Object.entries(figures))('%s becomes a picture', async (_, spec) => {
    const svg = await renderSvg(spec)
    expect(svg).toContain(String(spec.title))
    // Every mark is drawn, with numbers that are numbers.
    expect(svg).not.toMatch(/NaN|undefined/)
    const { width, height } = new Resvg(svg).render()
    expect(Math.min(width, height)).toBeGreaterThan(50)
  })

  test('the same figure gives the same text, whatever was drawn before', async () => {
    const first = await renderSvg(figures.lossCurves)
    await renderSvg(figures.attentionPatterns)
    expect(await renderSvg(figures.lossCurves)).toBe(first)
  })

  test('refuses what is no specification', async () => {
    await expect(renderSvg({ mark: 'nothing', layer: 3 })).rejects.toThrow(expect.objectContaining({ code: 'VALUE' }))
  })

  test('does not draw what is left where vega only logs that it failed', async () => {
    const symbols = { mark: 'point', data: { values: [{ x: Symbol('no value') }] }, encoding: { x: { field: 'x' } } }
    const error = await renderSvg(symbols).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'VALUE', got: expect.stringContaining('"mark":"point"') })
    expect(error.cause).toBeInstanceOf(Error)
  })
})
