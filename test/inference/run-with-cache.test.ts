import {
  ablate,
  activation,
  at,
  clamp,
  type Intervention,
  initialize,
  OpsinError,
  patch,
  runWithCache,
  scale,
  tensor,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { differentiate } from '../../src/graph/differentiate.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { inputsOf, tinyModel, valuesOf, weightsOf, withElement } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'

const model = tinyModel()
const inputs = inputsOf(model, 1)
const weights = weightsOf(model, 1)

describe('what is cached', () => {
  it('is what the graph computes, values and gradients, with its axes', async () => {
    const points = [...model.hookPoints.keys()]
    const names = points.flatMap((point) => [point, `grad(${point})`]) as 'logits'[]
    const { cache, engine } = await runWithCache(model, weights, inputs, { cache: names, engine: 'reference' })
    const read = runGraph(differentiate(withObjective(model).graph(model.sizes(inputs))), valuesOf(inputs, weights))
    expect(engine).toBe('reference')
    for (const name of names) {
      const { data, axes } = cache[name]
      expect(axes).toEqual(model.hookPoints.get(name.replace(/^grad\((.*)\)$/, '$1'))?.axes)
      const wanted = read(name)
      const scale = Math.max(1, ...wanted.map(Math.abs).filter((value) => value < 1e10))
      wanted.forEach((value, i) => void expect(Math.abs(data[i] - value) / scale, name).toBeLessThan(1e-12))
    }
  })

  it('is logits and loss unless told', async () => {
    const { cache, engine, receipts } = await runWithCache(model, weights, inputs)
    expect(Object.keys(cache)).toEqual(['logits', 'loss'])
    expect([engine, receipts]).toEqual(['wasm', []])
  })

  it('never changes afterwards, whatever runs next', async () => {
    const { cache } = await runWithCache(model, weights, inputs, { cache: ['embed', 'blocks.0.attn.z', 'logits'] })
    const before = structuredClone(cache)
    await runWithCache(model, weights, inputs, { interventions: [ablate(at(model, 'embed'))] })
    await runWithCache(model, initialize(model, 9), inputsOf(model, 7), { cache: ['embed', 'logits'] })
    expect(cache).toEqual(before)
    cache.embed.data.fill(0)
    expect(cache['blocks.0.attn.z']).toEqual(before['blocks.0.attn.z'])
  })

  it('leaves parameters, inputs and interventions as they were', async () => {
    const interventions = [clamp(at(model, 'embed', { pos: [3, 1] }), tensor([8], new Float32Array(8).fill(0.5)))]
    const before = structuredClone({ weights, inputs, interventions })
    await runWithCache(model, weights, inputs, { interventions, cache: ['grad(embed)'] })
    expect({ weights, inputs, interventions }).toEqual(before)
  })
})

describe('receipts', () => {
  const receiptsOf = async (...interventions: Intervention[]) =>
    (await runWithCache(model, weights, inputs, { interventions, engine: 'reference' })).receipts

  it('count what is written and measure the largest change exactly', async () => {
    const { cache } = await runWithCache(model, weights, inputs, { cache: ['blocks.0.attn.z'], engine: 'reference' })
    const { data } = cache['blocks.0.attn.z']
    const head1 = data.filter((_, i) => Math.floor(i / 4) % 2 === 1)
    const site = at(model, 'blocks.0.attn.z', { head: 1 })
    expect(await receiptsOf(clamp(site, 0.25))).toEqual([
      {
        index: 0,
        kind: 'clamp',
        at: 'at(model, "blocks.0.attn.z", {"head":1})',
        fired: 1,
        elements: 2 * 5 * 4,
        largestChange: Math.max(...head1.map((value) => Math.abs(0.25 - value))),
      },
    ])
    const [ablated] = await receiptsOf(ablate(site))
    expect(ablated.largestChange).toBe(Math.max(...head1.map(Math.abs)))
  })

  it('say 0 for an edit equal to what was there', async () => {
    const own = patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: 'clean' }), { gradient: 'block' })
    const [patched, scaled] = await receiptsOf(own, scale(at(model, 'embed', { pos: 2 }), 1))
    expect([patched.largestChange, scaled.largestChange]).toEqual([0, 0])
    expect([patched.elements, scaled.elements]).toEqual([2 * 2 * 15, 2 * 8])
  })

  it('are in the order of the list, whatever the orders; of gradients too', async () => {
    const list = [
      scale(at(model, 'grad(blocks.0.resid_post)'), 2),
      clamp(at(model, 'embed'), 1, { order: 2 }),
      clamp(at(model, 'embed'), 3, { order: 1 }),
    ]
    const receipts = await receiptsOf(...list)
    expect(receipts.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'scale'],
      [1, 'clamp'],
      [2, 'clamp'],
    ])
    expect(receipts[1].largestChange).toBe(2)
    expect(receipts[0].largestChange).toBeGreaterThan(0)
  })
})

describe('parameters that do not fit', () => {
  it.each<[string, object, RegExp]>([
    [
      'one that is missing',
      { 'unembed.bias': undefined },
      /parameter "unembed.bias": expected \[5\], got nothing.*\[SHAPE\]/,
    ],
    ['one of another shape', { 'unembed.bias': tensor([4], new Float32Array(4)) }, /got \[4\].*\[SHAPE\]/],
    [
      'one that is not the model’s',
      { 'unembed.bais': tensor([5], new Float32Array(5)) },
      /Nearest: unembed.bias.*\[NAME\]/,
    ],
    ['NaN', { 'unembed.bias': tensor([5], new Float32Array(5).fill(Number.NaN)) }, /\[NOT_FINITE\]/],
    ['a null', { 'ln_final.bias': null }, /"ln_final.bias": expected a tensor .*got null.*\[VALUE\]/],
    ['a bare array', { 'unembed.bias': new Float32Array(5) }, /tensor .*got Float32Array of 5.*\[VALUE\]/],
    ['integers', { 'unembed.bias': tensor([5], new Int32Array(5)) }, /expected floats, got integers.*\[DTYPE\]/],
    ['bytes', { 'unembed.bias': { shape: [5], data: new Uint8Array(5) } }, /Uint8Array of 5.*\[DTYPE\]/],
    ['data that lie about their shape', { 'unembed.bias': { shape: [5], data: new Float32Array(4) } }, /\[SHAPE\]/],
  ])('%s', async (_, change, message) => {
    const run = runWithCache(model, { ...weights, ...change }, inputs)
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(OpsinError)
  })

  it('none at all', async () => {
    for (const none of [undefined, null, 5, [], 'weights']) {
      await expect(runWithCache(model, none as never, inputs)).rejects.toThrow(
        /parameters: expected tensors.*\[VALUE\]/,
      )
    }
  })
})

describe('inputs that do not fit', () => {
  const { labels, ...others } = inputs
  it.each<[string, unknown, RegExp]>([
    ['none', undefined, /input "features".*nothing.*\[SHAPE\]/],
    ['one that is missing', others, /input "labels".*nothing.*\[SHAPE\]/],
    ['one that is misspelt', { ...others, lables: labels }, /input "labels".*Nearest: lables.*\[SHAPE\]/],
    ['one too many', { ...inputs, label: labels }, /"label"\. Nearest: labels.*\[NAME\]/],
    ['one of a replica', { ...inputs, 'clean/labels': labels }, /"clean\/labels"\. Nearest: labels.*\[NAME\]/],
    [
      'floats for ids',
      { ...inputs, labels: tensor(labels.shape, Float32Array.from(labels.data)) },
      /input "labels": expected integers.*\[DTYPE\]/,
    ],
    [
      'NaN in a table',
      { ...inputs, features: withElement(inputs.features, 4, Number.NaN) },
      /input "features", element 4.*NaN.*\[NOT_FINITE\]/,
    ],
  ])('%s', async (_, wrong, message) => {
    for (const interventions of [[], [ablate(at(model, 'embed'))]]) {
      const run = runWithCache(model, weights, wrong as typeof inputs, { interventions })
      await expect(run).rejects.toThrow(message)
      await expect(run).rejects.toThrow(OpsinError)
    }
  })
})

describe('numbers that are none', () => {
  const wild = (name: string) => {
    const { shape, data } = weights[name]
    return { ...weights, [name]: tensor(shape, new Float32Array(data.length).fill(3e38)) }
  }
  const attempt = (name: string, cache: readonly string[], interventions: Intervention[] = []) =>
    runWithCache(model, wild(name), inputs, { cache: cache as 'logits'[], interventions })

  it.each(['wasm', 'reference-f32'] as const)('are never given back: %s names the first point', async (engine) => {
    const run = runWithCache(model, wild('blocks.1.attn.k.weight'), inputs, { engine })
    await expect(run).rejects.toThrow(/^blocks\.1\.attn\.k: .*\[NOT_FINITE\]$/)
    await expect(run).rejects.toThrow(OpsinError)
  })

  it('are not given back as gradients', async () => {
    const run = attempt('blocks.1.attn.k.weight', ['grad(embed)'])
    await expect(run).rejects.toThrow(/^blocks\.1\.attn\.k: .*\[NOT_FINITE\]$/)
  })

  it('are no matter where nothing that is read depends on them', async () => {
    const { cache } = await attempt('blocks.1.attn.k.weight', ['blocks.0.attn.z', 'blocks.1.attn.q'])
    expect(cache['blocks.0.attn.z' as 'logits'].data.every(Number.isFinite)).toBe(true)
  })

  it('are found in what an intervention replaces, since its receipt tells the change', async () => {
    const run = attempt('blocks.1.attn.k.weight', ['logits'], [ablate(at(model, 'blocks.1.attn.k'))])
    await expect(run).rejects.toThrow(/\[NOT_FINITE\]$/)
  })

  it('too large for the engine are found in the parameter', async () => {
    const huge = { ...weights, 'unembed.bias': tensor([5], new Float64Array(5).fill(1e300)) }
    await expect(runWithCache(model, huge, inputs)).rejects.toThrow(/^unembed\.bias: .*\[NOT_FINITE\]$/)
  })
})
