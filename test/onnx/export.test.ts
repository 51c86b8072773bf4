import {
  ablate,
  at,
  clamp,
  hashInterventions,
  type Model,
  type Parameters,
  previousToken,
  runWithCache,
  squaredError,
  type Tensor,
  tensor,
} from 'opsin'
import { defineElementwiseMlp, elementwise } from 'opsin/extend'
import { load as loadModel, modelNames } from 'opsin/models'
import { exportOnnx, inspectOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { drawFrom, sampleValues } from 'opsin/testing'
import { describe, expect, it, test } from 'vitest'
import { version } from '../../src/core/version.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'
import { differences, runtimes } from '../support/ort.ts'
import { batchFor, families, kindsOf } from '../support/part-models.ts'
import { presets } from '../support/preset-models.ts'

const forward = (model: Model) => [...model.hookPoints.keys()]

/** What a file gives on some inputs, against the reference. */
async function compared(
  bytes: Uint8Array,
  model: Model,
  weights: Parameters,
  inputs: Record<string, Tensor>,
  options: object = {},
) {
  const off: Record<string, unknown> = {}
  for (const runtime of runtimes) {
    const session = await load(bytes, { runtime, model, ...options })
    const { cache } = await session.run(inputs)
    const cached = { cache: session.hooks, engine: 'reference' as const, ...options }
    const { cache: expected } = await runWithCache(model as Model<any>, weights, inputs, cached as object)
    off[runtime] = differences(cache, expected)
    await session.close()
  }
  return off
}

const same = { node: {}, web: {} }

const kinds = Object.entries(families).flatMap(([family, own]) =>
  kindsOf(own).map((kind) => [`${family}/${kind.kind}`, own, kind] as const),
)

describe('every part', () => {
  test.each(kinds)('%s: every hook point and the loss, in both runtimes', async (_, family, kind) => {
    const model = family.model(kind(kind.sample(drawFrom(1)) as never))
    const [weights, inputs, objective] = [weightsOf(model), batchFor(model, 1), squaredError()]
    const { bytes } = exportOnnx(model as Model<any>, weights, { inputs, hooks: forward(model), objective })
    expect(await compared(bytes, model, weights, inputs, { objective })).toEqual(same)
  })
})

const tokens = (batch: number, length = 6) => ({
  tokens: tensor([batch, length], sampleValues([{ shape: [batch, length], below: 7 }], batch, 'f32')[0].data),
})

describe('one file', () => {
  test.each(Object.entries(presets))(
    'of %s runs at any batch and length, and is rebuilt from its metadata',
    async (_, model) => {
      const weights = weightsOf(model)
      const { bytes, free } = exportOnnx(model as Model<any>, weights, {
        sizes: { batch: 1, length: 6 },
        hooks: ['blocks.1.attn.pattern'],
      })
      expect(free).toEqual(['batch', 'length'])
      for (const [batch, length] of [
        [1, 6],
        [3, 2],
        [8, 5],
      ]) {
        expect(await compared(bytes, model, weights, tokens(batch, length))).toEqual(same)
      }
      const session = await load(bytes)
      expect(session.model.config).toEqual(model.config)
      await session.close()
    },
  )

  test.each(modelNames())('of the shipped model %s', async (name) => {
    const { model, parameters, task } = await loadModel(name)
    const inputs = { ...task.tables, ...task.evaluator('train', 3) }
    const hooks = ['blocks.1.attn.pattern', 'loss'] as const
    const { bytes } = exportOnnx(model, parameters, { inputs, hooks, task })
    expect(await compared(bytes, model, parameters, inputs)).toEqual(same)
    expect(inspectOnnx(bytes).opsin?.task).toEqual({ name: task.name, ...JSON.parse(JSON.stringify(task.config)) })
  })
})

const model = tinyModel()
const weights = weightsOf(model)
const inputs = inputsOf(model)

describe('a file', () => {
  it('says what it is of', () => {
    const interventions = [ablate(at(model, 'blocks.0.attn.z', { head: 1 }))]
    const gates = ['blocks.1.attn.z'] as const
    const { bytes } = exportOnnx(model, weights, { inputs, hooks: ['embed'], gates, interventions })
    const { opsin, inputs: taken, outputs } = inspectOnnx(bytes)
    expect(opsin).toEqual({
      version,
      architecture: 'pre-norm',
      config: model.config,
      hooks: {
        logits: ['batch', 'pos', 'vocab'],
        embed: ['batch', 'pos', 'd_model'],
        'blocks.1.attn.z': ['batch', 'pos', 'head', 'd_head'],
      },
      gates: [...gates],
      sizes: { batch: 2, pairs: 2, rows: 7 },
      free: ['batch', 'pairs', 'rows'],
      interventions: hashInterventions(interventions),
      task: null,
    })
    const declared = Object.fromEntries(taken.map(({ name, type, dims }) => [name, `${type} ${dims?.join()}`]))
    expect(declared).toMatchObject({
      features: 'float32 rows,6',
      exemplars: 'int32 batch,pairs + 1',
      'blocks.1.attn.z.mask': expect.stringMatching(/^bool /),
      'blocks.1.attn.z.gate': expect.stringMatching(/^float32 /),
    })
    const dims = Object.fromEntries(outputs.map((output) => [output.name, output.dims?.join()]))
    expect(dims).toEqual({
      logits: 'batch,1,5',
      embed: 'batch,2*pairs + 1,8',
      'blocks.1.attn.z': 'batch,2*pairs + 1,2,4',
      'blocks.1.attn.z.before': 'batch,2*pairs + 1,2,4',
    })
  })

  it('holds interventions as ordinary nodes, and what they make dead is gone', async () => {
    const interventions = [clamp(at(model, 'blocks.1.attn.pattern'), previousToken())]
    const [whole, clamped] = [[], interventions].map(
      (list) => exportOnnx(model, weights, { inputs, interventions: list }).bytes,
    )
    expect(clamped.length).toBeLessThan(whole.length)
    expect(inspectOnnx(clamped).values.some(({ name }) => name.startsWith('blocks.1.attn.rot_q'))).toBe(false)
    for (const runtime of runtimes) {
      const session = await load(clamped, { runtime })
      const { cache } = await session.run(inputs)
      const { cache: expected } = await runWithCache(model, weights, inputs, {
        interventions,
        cache: ['logits'],
        engine: 'reference',
      })
      expect(differences(cache, expected)).toEqual({})
    }
  })
})

describe('a file', () => {
  it('refuses a free size that ops hold, by their names', () => {
    const interventions = [ablate(at(model, 'blocks.0.attn.z', { pos: [1] }))]
    const wish = () => exportOnnx(model, weights, { inputs, interventions, free: ['batch', 'pairs'] })
    expect(wish).toThrow(/free: pairs: expected ops .* got take \(node \d+\), .*causal-softmax .*\[VALUE\]/)
    const { fixed, free } = exportOnnx(model, weights, { inputs, interventions })
    expect(free).toEqual(['batch', 'rows'])
    expect(fixed.pairs.join()).toMatch(/^take \(node /)
    expect(() => exportOnnx(model, weights, { inputs, free: ['length'] })).toThrow('a size of this model, got "length"')
  })

  it('comes in two where the weights are large', async () => {
    const { bytes, externalData } = exportOnnx(model, weights, {
      inputs,
      externalAbove: 1000,
      externalName: 'weights.bin',
    })
    const whole = exportOnnx(model, weights, { inputs }).bytes
    expect(externalData?.location).toBe('weights.bin')
    expect(bytes.length).toBeLessThan(whole.length)
    const files = { 'weights.bin': externalData?.bytes as Uint8Array }
    const [a, b] = await Promise.all([load(whole), load(bytes, { externalData: files })])
    expect((await b.run(inputs)).cache.logits.data).toEqual((await a.run(inputs)).cache.logits.data)
    await expect(load(bytes)).rejects.toThrow('expected the file that holds its data, got no "weights.bin"')
  })

  it('is refused by name where an op has no ONNX form', () => {
    const none = () => {
      throw new Error('erf is not of opset 17')
    }
    const [erf] = elementwise('test/erf', {
      formula: 'y = x',
      value: (x) => x,
      slopeFormula: 'dx = g',
      slope: () => 1,
      onnx: none,
      onnxSlope: none,
    })
    const mlp = defineElementwiseMlp('test/erf', erf)({ width: 4 })
    const strange = families.mlps.model(mlp)
    const given = { inputs: batchFor(strange, 1), objective: squaredError() }
    expect(() => exportOnnx(strange as Model<any>, weightsOf(strange), given)).toThrow(
      /op "test\/erf" \(test\/erf:\d+\): expected an ONNX form, got erf is not of opset 17\. Give .* \[VALUE\]/,
    )
  })

  it('has no gradients', () => {
    expect(() => exportOnnx(model, weights, { inputs, hooks: ['grad(embed)'] })).toThrow('[GRADIENT]')
    const interventions = [ablate(at(model, 'grad(embed)'))]
    expect(() => exportOnnx(model, weights, { inputs, interventions })).toThrow('ablate at(model, "grad(embed)")')
  })
})
