import fc from 'fast-check'
import { ablate, at, clamp, compile, forbid, type Intervention, runWithCache, scale, tensor } from 'opsin'
import { defineSource, elementwise } from 'opsin/extend'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { engine } from '../../src/backends/index.ts'
import { Inference } from '../../src/inference/inference.ts'
import { Learner } from '../../src/inference/learner.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { interventionsFor } from '../support/interventions.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model, 3)
const parameters = weightsOf(model, 4)
const read = ['logits', 'loss', 'blocks.0.resid_post', 'grad(blocks.0.attn.z)'] as const

/** A session of an engine that counts how often it is asked to load a graph. */
async function counting() {
  const real = await engine('reference')
  const count = { loads: 0 }
  const backend: Backend = {
    ...real,
    load(graph, options) {
      count.loads++
      return real.load(graph, options)
    },
  }
  const inference = new Inference(new Learner(model), backend)
  const state = checkParameters(model, parameters)
  const run = (...list: Intervention[]) => inference.run(state, inputs, list, { read: ['logits'], lift: true })
  return { run, count }
}

/** A source of `factor` everywhere: its kind and its op are named alike for every factor, as from two packages. */
function sourceOf(factor: number) {
  const [times] = elementwise('same/name', {
    formula: 'y = c x',
    value: (x) => factor * x,
    slopeFormula: 'dx = c g',
    slope: () => factor,
    onnx: (x) => x,
    onnxSlope: (x) => x,
  })
  const source = defineSource<{ from: 'same/source' }>({
    from: 'same/source',
    fields: {},
    emit: (_, { builder, shape }) => {
      const one = builder.op('constant', [], { shape: shape.map(() => 1), value: 1 })
      return { node: builder.op(times, [one]) }
    },
  })
  return source({})
}

describe('a session', () => {
  it('gives what single runs give, whatever ran before', async () => {
    const session = await compile(model, parameters, { read: [...read], engine: 'reference' })
    await fc.assert(
      fc.asyncProperty(interventionsFor(model, 5), async (interventions) => {
        const alone = await runWithCache(model, parameters, inputs, {
          cache: [...read],
          interventions,
          engine: 'reference',
        })
        const again = await session.run(inputs, { interventions })
        for (const name of read) {
          const [got, expected] = [again, alone].map(({ cache }) => Array.from(cache[name].data))
          expected.forEach((value, i) => {
            expect(got[i], name).toBeCloseTo(value, 9)
          })
        }
        expect(again.receipts.map(({ elements }) => elements)).toEqual(alone.receipts.map(({ elements }) => elements))
        again.receipts.forEach((receipt, i) => {
          expect(receipt.largestChange).toBeCloseTo(alone.receipts[i].largestChange, 6)
        })
      }),
      { numRuns: 60, seed: 7 },
    )
  })

  it('compiles once for interventions that differ in their numbers alone', async () => {
    const { run, count } = await counting()
    for (const layer of [0, 1] as const) {
      for (const head of [0, 1]) await run(ablate(at(model, `blocks.${layer}.attn.z`, { head })))
    }
    expect(count.loads).toBe(2)
    const site = (head: number) => at(model, 'blocks.1.attn.z', { head })
    const logits = async (head: number) => (await run(clamp(site(head), 5))).cache.logits.data
    expect(await logits(0)).not.toEqual(await logits(1))
    await run(clamp(site(1), 7))
    await run(clamp(at(model, 'blocks.1.attn.z', { head: [0, 1] }), tensor([4], new Float32Array([1, 2, 3, 4]))))
    expect(count.loads).toBe(3)
    for (const factor of [0.5, 2]) await run(scale(site(0), factor))
    for (const key of [0, 1]) await run(forbid(at(model, 'blocks.1.attn.scores', { key, query: 'last' })))
    expect(count.loads).toBe(5)
  })

  it('tells apart two ops of one name, from two packages', async () => {
    const { run } = await counting()
    const clamped = async (factor: number) => {
      const { cache } = await run(clamp(at(model, 'blocks.1.attn.z', { head: 0 }), sourceOf(factor)))
      return cache.logits.data
    }
    expect(await clamped(2)).not.toEqual(await clamped(5))
  })

  it('tells what each run wrote', async () => {
    const { run } = await counting()
    const [one] = (await run(ablate(at(model, 'blocks.1.attn.z', { head: 0 })))).receipts
    const [two] = (await run(ablate(at(model, 'blocks.1.attn.z', { head: [0, 1] })))).receipts
    expect(two.elements).toBe(2 * one.elements)
  })
})

describe('a run of a session', () => {
  it('takes new inputs, and refuses those that do not fit', async () => {
    const session = await compile(model, parameters, { read: ['logits'] })
    const { targets: _, ...bare } = inputs
    const logits = async (of: typeof bare) => (await session.run(of)).cache.logits.data
    const first = await logits(inputs)
    expect(await logits(bare)).toEqual(first)
    expect(await logits(inputsOf(model, 8))).not.toEqual(first)
    await expect(session.run({ ...inputs, extra: inputs.labels })).rejects.toThrow(/"extra".*\[NAME\]/)
    await expect(session.run({ ...inputs, labels: undefined } as never)).rejects.toThrow(/\[SHAPE\]/)
    await expect(session.run(inputs, { intervention: [] } as never)).rejects.toThrow(/\[NAME\]/)
  })

  it('runs what is asked of it at once one after the other', async () => {
    const session = await compile(model, parameters, { read: ['logits'] })
    const ablated = (head: number) => ({ interventions: [ablate(at(model, 'blocks.1.attn.z', { head }))] })
    const alone = [await session.run(inputs, ablated(0)), await session.run(inputs, ablated(1))]
    const together = await Promise.all([session.run(inputs, ablated(0)), session.run(inputs, ablated(1))])
    expect(together).toEqual(alone)
    expect(together[0].cache.logits.data).not.toEqual(together[1].cache.logits.data)
  })

  it('needs no targets unless it is asked for a loss', async () => {
    const { targets: _, ...bare } = inputs
    const session = await compile(model, parameters, { read: ['loss'] })
    await expect(session.run(bare)).rejects.toThrow(/"targets".*\[SHAPE\]/)
  })
})

describe('the gradient of any number', () => {
  it('of one logit is what finite differences find', async () => {
    const gradientOf = at(model, 'logits', { batch: 1, vocab: 2 })
    const session = await compile(model, parameters, {
      read: ['logits', 'grad(blocks.0.resid_post)'],
      gradientOf,
      engine: 'reference',
    })
    const { cache } = await session.run(inputs)
    const gradient = cache['grad(blocks.0.resid_post)']
    const logit = async (by: number) => {
      const shift = clamp(at(model, 'blocks.0.resid_post', { batch: 1, pos: 2, d_model: 3 }), by)
      return (await session.run(inputs, { interventions: [shift] })).cache.logits.data[1 * 5 + 2]
    }
    const plain = await runWithCache(model, parameters, inputs, { cache: ['blocks.0.resid_post'], engine: 'reference' })
    const index = (1 * 5 + 2) * 8 + 3
    const here = plain.cache['blocks.0.resid_post'].data[index]
    const slope = ((await logit(here + 1e-5)) - (await logit(here - 1e-5))) / 2e-5
    expect(gradient.data[index]).toBeCloseTo(slope, 6)
    expect(Array.from(gradient.data.subarray(0, 40)).every((value) => value === 0)).toBe(true)
  })

  it('is refused for more than one', async () => {
    const session = await compile(model, parameters, { read: ['grad(embed)'], gradientOf: at(model, 'logits') })
    await expect(session.run(inputs)).rejects.toThrow(/gradientOf.*one number.*\[VALUE\]/)
  })
})
