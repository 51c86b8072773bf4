import {
  ablate,
  activation,
  at,
  clamp,
  type Intervention,
  induction,
  type Model,
  OpsinError,
  type Parameters,
  patch,
  runWithCache,
  scale,
  type Tensor,
  tensor,
} from 'opsin'
import { load as loadModel, modelNames } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { sampleValues } from 'opsin/testing'
import { describe, expect, it, test } from 'vitest'
import { isGradient } from '../../src/graph/address.ts'
import { type Case, caseOf } from '../naive/cases.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'
import { differences, farthest, runtimes } from '../support/ort.ts'
import { presets } from '../support/preset-models.ts'

const SEEDS = 40

/**
 * What a file has to do with a case: its forward interventions, and the points that they write. As they are drawn most lists
 * conflict, or act where nobody reads: two in three are given an order each, and the main network.
 */
function forwardOf({ model, list }: Case, seed: number) {
  const forward = list.filter((one) => !isGradient(one.at.point))
  const tamed = forward.map((one, order) => ({ ...one, order, at: { ...one.at, replica: 'main' } }))
  const interventions: readonly Intervention[] = seed % 3 === 0 ? forward : tamed
  const points = [...new Set(interventions.map((one) => one.at.point))].filter((name) => model.hookPoints.has(name))
  return { interventions, points }
}

type Ran = Awaited<ReturnType<typeof runWithCache<Model<any>, any>>>

/** What a run gives, or the error that it throws. */
async function tried(run: () => Promise<Ran>): Promise<Ran | OpsinError> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof OpsinError) return error
    throw error
  }
}

/** Whether a session says that an intervention is no gate. */
const isNoGate = (ran: Ran | OpsinError) => ran instanceof OpsinError && ran.expected.startsWith('for a gate')

/** A case on a file with gates or, where it is no gate, on one that holds the interventions. */
async function byFile(one: Case, seed: number, baked: boolean): Promise<Ran | OpsinError> {
  const { model, objective, inputs, weights } = one
  const { interventions, points } = forwardOf(one, seed)
  return tried(async () => {
    const options = baked ? { interventions, hooks: points } : { gates: points }
    const { bytes } = exportOnnx(model as Model<any>, weights, { inputs, objective, free: [], ...options })
    const session = await load(bytes, { runtime: runtimes[seed % 2], model, objective })
    try {
      return await session.run(inputs, baked ? {} : { interventions })
    } finally {
      await session.close()
    }
  })
}

/** How far two runs are apart: values, and what receipts say. */
function apart(actual: Ran, expected: Ran): number {
  const values = Object.keys(actual.cache).map((name) => farthest(actual.cache[name], expected.cache[name]))
  const receipts = actual.receipts.map((receipt, i) => {
    const { largestChange, ...rest } = expected.receipts[i]
    expect(receipt).toMatchObject(rest)
    const size = largestChange > 1e19 ? largestChange : Math.max(1, largestChange)
    return Math.abs(receipt.largestChange - largestChange) / size
  })
  return Math.max(0, ...values, ...receipts)
}

/** How a case went. */
async function outcome(seed: number): Promise<'gate' | 'baked' | 'error' | 'nothing'> {
  const one = caseOf(seed)
  const { interventions, points } = forwardOf(one, seed)
  if (interventions.length === 0) return 'nothing'
  const native = (engine: 'reference' | 'reference-f32') =>
    tried(() => {
      const cache = [...new Set([...Object.values(one.model.readouts).map(({ logits }) => logits), ...points])]
      const options = { cache: cache as never[], interventions, objective: one.objective, engine }
      return runWithCache(one.model as Model<any>, one.weights, one.inputs, options)
    })
  const [expected, single] = [await native('reference'), await native('reference-f32')]
  const gated = await byFile(one, seed, false)
  const actual = isNoGate(gated) ? await byFile(one, seed, true) : gated
  if (expected instanceof OpsinError || single instanceof OpsinError) {
    expect(gated, `seed ${seed}: ${expected instanceof OpsinError ? expected.message : ''}`).toBeInstanceOf(OpsinError)
    return 'error'
  }
  if (actual instanceof OpsinError) throw new Error(`seed ${seed}`, { cause: actual })
  expect(apart(actual, expected), `seed ${seed}`).toBeLessThanOrEqual(1e-5)
  return actual === gated ? 'gate' : 'baked'
}

describe('interventions on a file', () => {
  it(`are those of the native engine, as gates or as part of the file, in ${SEEDS} random cases`, async () => {
    const outcomes: string[] = []
    for (let seed = 1; seed <= SEEDS; seed++) outcomes.push(await outcome(seed))
    const count = (what: string) => outcomes.filter((one) => one === what).length
    expect(count('gate')).toBeGreaterThan(SEEDS / 4)
    expect(count('baked')).toBeGreaterThan(SEEDS / 9)
    expect(count('error')).toBeGreaterThan(SEEDS / 18)
  })
})

const model = tinyModel()
const weights = weightsOf(model)
const inputs = inputsOf(model)

describe('a gate', () => {
  /** Files that give all points, and gate all of them: the same bits, in every point and both runtimes. */
  async function doNothing(model: Model, weights: Parameters, inputs: Record<string, Tensor>) {
    const points = [...model.hookPoints.keys()].filter((name) => name !== 'loss')
    const files = [{ hooks: points }, { gates: points }].map(
      (options) => exportOnnx(model as Model<any>, weights, { inputs, ...options }).bytes,
    )
    for (const runtime of runtimes) {
      const [heard, gated] = await Promise.all(files.map((bytes) => load(bytes, { runtime })))
      const [own, other] = [await heard.run(inputs), await gated.run(inputs)]
      expect(Object.keys(other.cache).sort()).toEqual([...points].sort())
      for (const name of points) expect(other.cache[name].data, `${runtime}: ${name}`).toEqual(own.cache[name].data)
      await Promise.all([heard.close(), gated.close()])
    }
  }

  test.each(Object.entries(presets))('that does nothing is not there, bit for bit, at any point of %s', (_, preset) => {
    const [{ data }] = sampleValues([{ shape: [2, 5], below: 7 }], 3, 'f32')
    return doNothing(preset, weightsOf(preset), { tokens: tensor([2, 5], data) })
  })

  test.each(modelNames())(
    'that does nothing is not there, bit for bit, at any point of the shipped %s',
    async (name) => {
      const { model, parameters, task } = await loadModel(name)
      await doNothing(model, parameters, { ...task.tables, ...task.evaluator('train', 3) })
    },
  )

  const gates = ['blocks.1.attn.z', 'blocks.1.attn.scores', 'blocks.1.attn.pattern'] as const
  const { bytes } = exportOnnx(model, weights, { inputs, gates })

  const run = async (interventions: readonly Intervention[], given: Record<string, Tensor> = inputs) => {
    const session = await load(bytes)
    try {
      return await session.run(given, { interventions })
    } finally {
      await session.close()
    }
  }

  it('serves any size, and sources that are made of the inputs', async () => {
    const interventions = [clamp(at(model, 'blocks.1.attn.pattern', { head: 1, query: 'last' }), induction())]
    for (const given of [inputs, inputsOf(model, 4, { batch: 5, pairs: 3, rows: 9 })]) {
      const actual = await run(interventions, given)
      const options = { interventions, cache: ['logits', ...gates], engine: 'reference' } as const
      const expected = await runWithCache(model, weights, given, options)
      expect(differences(actual.cache, expected.cache)).toEqual({})
      expect(actual.receipts[0]).toMatchObject({ fired: 1, elements: expected.receipts[0].elements })
    }
  })

  it('refuses what is none, by name, and says what to do', async () => {
    const z = at(model, 'blocks.1.attn.z', { head: 1 })
    const refused: Readonly<Record<string, readonly Intervention[]>> = {
      'expected for a gate: a multiple of the value': [
        patch(z, activation({ replica: 'clean' }), { gradient: 'block' }),
      ],
      'one that reads main/blocks.0.attn.z': [
        patch(z, activation({ of: at(model, 'blocks.0.attn.z', { head: 1 }) }), { gradient: 'block' }),
      ],
      "Export it with { gates: ['blocks.0.attn.z'] }": [ablate(at(model, 'blocks.0.attn.z'))],
      'gives causality up': [scale(at(model, 'blocks.1.attn.scores', { head: 0 }), 2, { causal: false })],
      '[CONFLICT]': [ablate(z), scale(z, 2)],
      'a gradient': [ablate(at(model, 'grad(blocks.1.attn.z)'))],
    }
    for (const [words, interventions] of Object.entries(refused))
      await expect(run(interventions)).rejects.toThrow(words)
  })
})
