import fc from 'fast-check'
import { ablate, at, clamp, compile, forbid, type Intervention, runWithCache, scale, tensor } from 'opsin'
import { defineSource, elementwise } from 'opsin/extend'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { engine } from '../../src/backends/index.ts'
import { numbered } from '../../src/compile/intervene.ts'
import { Plans } from '../../src/inference/plans.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { interventionsFor } from '../support/interventions.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model, 3)
const parameters = weightsOf(model, 4)
const read = ['logits', 'loss', 'blocks.0.resid_post', 'grad(blocks.0.attn.z)'] as const

/** Plans of an engine that counts how often it is asked to load a graph. */
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
  const plans = new Plans({ model: withObjective(model), backend, read: ['logits'], lift: true })
  const state = checkParameters(model, parameters)
  const run = (...list: Intervention[]) => plans.run(state, inputs, numbered(list))
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
        const again = session.run(inputs, { interventions })
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
      for (const head of [0, 1]) run(ablate(at(model, `blocks.${layer}.attn.z`, { head })))
    }
    expect(count.loads).toBe(2)
    const site = (head: number) => at(model, 'blocks.1.attn.z', { head })
    expect(run(clamp(site(0), 5)).points.logits.data).not.toEqual(run(clamp(site(1), 5)).points.logits.data)
    run(clamp(site(1), 7))
    run(clamp(at(model, 'blocks.1.attn.z', { head: [0, 1] }), tensor([4], new Float32Array([1, 2, 3, 4]))))
    expect(count.loads).toBe(3)
    for (const factor of [0.5, 2]) run(scale(site(0), factor))
    for (const key of [0, 1]) run(forbid(at(model, 'blocks.1.attn.scores', { key, query: 'last' })))
    expect(count.loads).toBe(5)
  })

  it('tells apart two ops of one name, from two packages', async () => {
    const { run } = await counting()
    const clamped = (factor: number) => {
      return run(clamp(at(model, 'blocks.1.attn.z', { head: 0 }), sourceOf(factor))).points.logits.data
    }
    expect(clamped(2)).not.toEqual(clamped(5))
  })

  it('tells what each run wrote', async () => {
    const { run } = await counting()
    const [one] = run(ablate(at(model, 'blocks.1.attn.z', { head: 0 }))).receipts
    const [two] = run(ablate(at(model, 'blocks.1.attn.z', { head: [0, 1] }))).receipts
    expect(two.elements).toBe(2 * one.elements)
  })

  it('takes new inputs, and refuses those that do not fit', async () => {
    const session = await compile(model, parameters, { read: ['logits'] })
    const { targets: _, ...bare } = inputs
    expect(session.run(bare).cache.logits.data).toEqual(session.run(inputs).cache.logits.data)
    const other = session.run(inputsOf(model, 8)).cache.logits
    expect(other.data).not.toEqual(session.run(inputs).cache.logits.data)
    expect(() => session.run({ ...inputs, extra: inputs.labels })).toThrow(/"extra".*\[NAME\]/)
    expect(() => session.run({ ...inputs, labels: undefined } as never)).toThrow(/\[SHAPE\]/)
    expect(() => session.run(inputs, { intervention: [] } as never)).toThrow(/\[NAME\]/)
  })

  it('needs no targets unless it is asked for a loss', async () => {
    const { targets: _, ...bare } = inputs
    const session = await compile(model, parameters, { read: ['loss'] })
    expect(() => session.run(bare)).toThrow(/"targets".*\[SHAPE\]/)
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
    const { cache } = session.run(inputs)
    const gradient = cache['grad(blocks.0.resid_post)']
    const logit = (by: number) => {
      const shift = clamp(at(model, 'blocks.0.resid_post', { batch: 1, pos: 2, d_model: 3 }), by)
      return session.run(inputs, { interventions: [shift] }).cache.logits.data[1 * 5 + 2]
    }
    const plain = await runWithCache(model, parameters, inputs, { cache: ['blocks.0.resid_post'], engine: 'reference' })
    const index = (1 * 5 + 2) * 8 + 3
    const here = plain.cache['blocks.0.resid_post'].data[index]
    expect(gradient.data[index]).toBeCloseTo((logit(here + 1e-5) - logit(here - 1e-5)) / 2e-5, 6)
    expect(Array.from(gradient.data.subarray(0, 40)).every((value) => value === 0)).toBe(true)
  })

  it('is refused for more than one', async () => {
    const session = await compile(model, parameters, { read: ['grad(embed)'], gradientOf: at(model, 'logits') })
    expect(() => session.run(inputs)).toThrow(/gradientOf.*one number.*\[VALUE\]/)
  })
})
