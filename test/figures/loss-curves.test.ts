import { ablate, at, attentionOnly, during, duringSteps, fewShot, train } from 'opsin'
import { lossCurves } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const falling: [number, number][] = [
  [0, 1.6],
  [1000, 0.8],
  [2000, 0.1],
]

/** The layers of a specification that has layers. */
function layers(spec: object): any[] {
  return (spec as { layer: any[] }).layer
}

describe('lossCurves', () => {
  test('is plain JSON with the points in it', () => {
    const spec = lossCurves({ a: falling })
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec)
    expect(
      layers(spec)
        .at(-1)
        .data.values.map(({ x, y }: any) => [x, y]),
    ).toEqual(falling)
  })

  test('has the legend in the order of the names, one colour each', () => {
    const { color } = layers(lossCurves({ z: falling, a: falling, m: falling })).at(-1).encoding
    expect(color.scale.domain).toEqual(['z', 'a', 'm'])
    expect(new Set(color.scale.range).size).toBe(3)
  })

  test('labels its axes, with units', () => {
    const { x, y } = layers(lossCurves({ a: falling })).at(-1).encoding
    expect([x.title, y.title]).toEqual(['sequences seen', 'loss (nats)'])
    expect(layers(lossCurves({ a: falling }, { probe: 'accuracy' })).at(-1).encoding.y.title).toBe('accuracy')
  })

  test('leaves out what a logarithmic axis cannot show', () => {
    const spec = lossCurves({ a: [...falling, [3000, 0], [4000, Number.NaN]] }, { scale: 'log' })
    expect(layers(spec).at(-1).data.values).toHaveLength(3)
  })

  test('draws levels and curves to compare with', () => {
    const levels = [{ value: Math.LN2, label: 'ln 2' }]
    const spec = lossCurves({ a: falling }, { levels, compare: { label: 'paper', curves: { a: falling } } })
    expect(JSON.stringify(spec)).toContain('ln 2')
    expect(layers(spec).at(-1).encoding.strokeDash.scale.domain).toEqual(['opsin', 'paper'])
  })

  test('takes a run alone, without a legend, and marks when its clamps are on', async () => {
    const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
    const interventions = [
      ablate(at(model, 'blocks.0.attn.v', { head: 0 }), { when: during(64, 128) }),
      ablate(at(model, 'blocks.0.attn.v', { head: 1 }), { when: duringSteps(3) }),
      ablate(at(model, 'blocks.0.attn.z', { head: 1 })),
    ]
    const run = await train(model, fewShot({ classes: 20, labels: 5 }), {
      sequences: 160,
      evaluateAt: 32,
      interventions,
    })
    const [bands, , lines] = layers(lossCurves(run))
    expect(bands.data.values).toEqual([
      { from: 64, to: 128, label: 'ablate' },
      { from: 96, to: 160, label: 'ablate' },
    ])
    expect(lines.encoding.color.legend).toBeNull()
    expect(lines.data.values.map(({ x }: any) => x)).toEqual([0, 32, 64, 96, 128, 160])
    expect(layers(lossCurves(run, { bands: [] }))).toHaveLength(1)
  })
})
