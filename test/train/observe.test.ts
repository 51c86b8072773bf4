import {
  ablate,
  at,
  attentionOnly,
  encodeCheckpoint,
  fewShot,
  fromIclDynamics,
  type Intervention,
  OpsinError,
  type ProfileSample,
  passNames,
  range,
  type Site,
  type Tensor,
  train,
} from 'opsin'
import { describe, expect, test } from 'vitest'
import { selectedElements } from '../support/selection.ts'

const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
const task = fewShot({ classes: 20 })
const short = { sequences: 96, evaluateAt: 96 } as const

test('each step is told once, with the live values of what is observed', async () => {
  const steps: { step: number; loss: number; kept: ArrayLike<number>; live: ArrayLike<number> }[] = []
  await train(model, task, {
    ...short,
    observe: ['loss', 'blocks.1.attn.pattern', 'grad(blocks.0.attn.z)'],
    onStep({ step, loss, values }) {
      const pattern = values['blocks.1.attn.pattern']
      expect(pattern.shape).toEqual([32, 2, 5, 5])
      expect(pattern.axes).toEqual(['batch', 'head', 'query', 'key'])
      expect(values['grad(blocks.0.attn.z)'].shape).toEqual([32, 5, 2, 4])
      expect(values.loss.data[0]).toBe(loss)
      steps.push({ step, loss, kept: pattern.data.slice(), live: pattern.data })
    },
  })
  expect(steps.map(({ step }) => step)).toEqual([0, 1, 2])
  expect(steps[0].live).toBe(steps[2].live)
  expect(steps[0].kept).not.toEqual(steps[2].kept)
})

/** The steps of a short run: copies of what was observed at each, and the checkpoint at its end. */
async function observing(observe: readonly (string | Site)[], interventions: readonly Intervention[] = []) {
  const steps: Record<string, Tensor>[] = []
  const { checkpoint } = await train(model, task, {
    ...short,
    interventions,
    observe,
    onStep({ values }) {
      const copies = Object.entries(values).map(([name, value]) => [name, { ...value, data: value.data.slice() }])
      steps.push(Object.fromEntries(copies))
    },
  })
  return { steps, end: encodeCheckpoint(checkpoint) }
}

test.each([
  ['alone', []],
  ['beside a clean pass', fromIclDynamics(model, { preserve_patterns: true, ablate_heads: ['0:1'] })],
])('observing changes no result of a run %s', async (_, interventions) => {
  const alone = await observing([], interventions)
  expect((await observing([...model.hookPoints.keys()], interventions)).end).toEqual(alone.end)
  expect((await observing(values, interventions)).end).toEqual(alone.end)
})

/** The elements of a whole point that a site selects. */
function slice(site: Site, { shape, data }: Tensor) {
  const selected = selectedElements(model, site, shape, 5)
  return data.filter((_, i) => selected[i])
}

const values = [
  at(model, 'embed', { pos: 'labels' }),
  at(model, 'blocks.0.attn.q', { pos: 'last', head: 1 }),
  at(model, 'blocks.0.attn.scores', { head: 0 }),
  at(model, 'blocks.1.resid_pre', { pos: 'last', d_model: range(2, 5) }),
  at(model, 'blocks.1.attn.q', { pos: 'last' }),
  at(model, 'blocks.1.attn.k', { pos: -1 }),
  at(model, 'blocks.1.attn.v', { pos: [1, 3] }),
  at(model, 'blocks.1.attn.pattern', { query: 'last', head: 1, key: 'labels' }),
  at(model, 'blocks.1.attn.z', { pos: [0, 4] }),
  at(model, 'blocks.1.attn_out', { batch: 3 }),
  at(model, 'logits', { pos: 'last', vocab: 2 }),
]
const gradients = [
  at(model, 'grad(blocks.0.attn.z)', { head: 0 }),
  at(model, 'grad(blocks.1.attn.q)', { pos: 'last', head: 1 }),
  at(model, 'grad(blocks.1.attn.pattern)', { query: 'labels' }),
]
const whole = (sites: readonly Site[]) => sites.map(({ point }) => point)

describe('a selection', () => {
  test('keeps the axes of its point, each as long as what is selected', async () => {
    const { steps } = await observing(values)
    const shown = (name: string) => [steps[0][name].shape, steps[0][name].axes]
    expect(shown('blocks.1.attn.pattern')).toEqual([
      [32, 1, 1, 2],
      ['batch', 'head', 'query', 'key'],
    ])
    expect(shown('blocks.1.attn.q')).toEqual([
      [32, 1, 2, 4],
      ['batch', 'pos', 'head', 'd_head'],
    ])
    expect(Object.keys(steps[0])).toEqual(whole(values))
  })

  test.each([
    ['values', values],
    ['gradients', gradients],
  ])('shows of %s what the whole point has there, to the bit', async (_, sites) => {
    const [some, all] = [await observing(sites), await observing(whole(sites))]
    expect(some.end).toEqual(all.end)
    some.steps.forEach((shown, step) => {
      for (const site of sites) {
        const { data } = all.steps[step][site.point]
        expect(data.some((x) => x !== 0)).toBe(true)
        expect(shown[site.point].data, site.point).toEqual(slice(site, all.steps[step][site.point]))
      }
    })
  })

  test('of a point that a cheaper equal stands for leaves the equal in its place', async () => {
    const results = [at(model, 'blocks.0.attn.result', { head: 1 }), at(model, 'blocks.1.attn.result', { pos: 'last' })]
    const { end, steps } = await observing(results)
    expect(end).toEqual((await observing([])).end)
    expect(steps[0]['blocks.1.attn.result'].shape).toEqual([32, 1, 2, 8])
  })

  test('is read behind an intervention, and in another pass without it', async () => {
    const select = { query: 'last', head: [0, 1] } as const
    const both = [
      at(model, 'blocks.1.attn.pattern', select),
      at(model, 'blocks.1.attn.pattern', { ...select, replica: 'clean' }),
    ]
    const clamp = [ablate(at(model, 'blocks.1.attn.pattern', { head: 1 }))]
    const { steps, end } = await observing(both, clamp)
    const [clamped, clean] = ['blocks.1.attn.pattern', 'clean/blocks.1.attn.pattern'].map((name) => steps[2][name])
    for (const { shape, axes } of [clamped, clean]) {
      expect([shape, axes]).toEqual([
        [32, 2, 1, 5],
        ['batch', 'head', 'query', 'key'],
      ])
    }
    const sums = ({ data }: Tensor) =>
      Array.from({ length: 64 }, (_, row) => Array.from(data.slice(5 * row, 5 * row + 5)).reduce((sum, x) => sum + x))
    sums(clamped).forEach((sum, row) => void expect(sum, `row ${row}`).toBeCloseTo(row % 2 === 0 ? 1 : 0, 5))
    sums(clean).forEach((sum, row) => void expect(sum, `row ${row}`).toBeCloseTo(1, 5))
    expect(end).toEqual((await observing([], clamp)).end)
  })
})

describe('a selection of', () => {
  test.each<[string, readonly unknown[], OpsinError['code'], RegExp]>([
    ['a point that there is not', [{ point: 'blocks.1.attn.patern' }], 'NAME', /blocks\.1\.attn\.pattern/],
    ['a gradient that there is not', [{ point: 'grad(embedd)' }], 'NAME', /grad\(embed\)/],
    ['an axis that there is not', [{ point: 'blocks.1.attn.z', select: { position: 'last' } }], 'NAME', /pos, /],
    ['a word that there is not', [{ point: 'blocks.1.attn.z', select: { pos: 'lst' } }], 'NAME', /last/],
    ['a head outside', [{ point: 'blocks.1.attn.z', select: { head: 2 } }], 'VALUE', /from 0 to 1/],
    ['a position outside', [{ point: 'blocks.1.attn.z', select: { pos: 5 } }], 'VALUE', /from 0 to 4/],
    ['nothing', [{ point: 'blocks.1.attn.z', select: { head: [] } }], 'NO_EFFECT', /at least one/],
    ['a pass of no name', [{ point: 'blocks.1.attn.z', replica: 'A B' }], 'VALUE', /lower case/],
    ['what is no site', [{ at: 'blocks.1.attn.z' }], 'NAME', /observe\[0\]/],
    ['a point twice', ['loss', 'embed', { point: 'embed', select: { pos: 1 } }], 'VALUE', /observe\[2\].*once/s],
  ])('%s is refused before anything runs', async (_, observe, code, message) => {
    const told: string[] = []
    const run = train(model, task, { ...short, observe: observe as Site[], onEvent: ({ type }) => told.push(type) })
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toMatchObject({ code })
    expect(told).toEqual([])
  })
})

test('a point or a pass that there is not is refused with the nearest', async () => {
  await expect(train(model, task, { ...short, observe: ['blocks.0.attn.patern'] })).rejects.toThrow(
    /blocks\.0\.attn\.pattern/,
  )
  const without = ['last-row'] as unknown as ['last-rows']
  await expect(train(model, task, { ...short, without })).rejects.toThrow(/last-rows/)
})

test('without a pass the run is another one, with the same losses', async () => {
  const loss = async (without: typeof passNames) => {
    const { records, checkpoint } = await train(model, task, { ...short, without })
    return { last: Number(records.at(-1)?.values.loss), checkpoint }
  }
  const all = await loss([])
  const none = await loss(passNames)
  expect(Math.abs(all.last - none.last)).toBeLessThan(1e-5)
  await expect(train(model, task, { ...short, sequences: 128, resume: none.checkpoint })).rejects.toThrow(OpsinError)
})

test('profiling names every kernel with its shapes and changes nothing', async () => {
  const samples: ProfileSample[] = []
  const profiled = await train(model, task, { ...short, profile: (sample) => samples.push(sample) })
  const adam = samples.filter(({ op }) => op === 'adam')
  expect(adam.length).toBe(3)
  // Parameters and both moments.
  const size = model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0)
  expect(adam[0].shape).toEqual([3 * size])
  expect(samples.every(({ ms }) => ms >= 0)).toBe(true)
  const alone = await train(model, task, short)
  expect(encodeCheckpoint(profiled.checkpoint)).toEqual(encodeCheckpoint(alone.checkpoint))
})
