import { readFileSync } from 'node:fs'
import {
  attention,
  binaryCrossEntropy,
  concatResidual,
  crossEntropy,
  gpt2,
  headGate,
  layerNorm,
  linearReadout,
  llama,
  type Model,
  neox,
  type Objective,
  oneHotInputs,
  oneHotPositions,
  reluMlp,
  rmsNorm,
  rotary,
  shiftMix,
  squaredError,
  type Tensor,
  tanhMlp,
  tokenInputs,
  transformer,
  vectorInputs,
  weightedSum,
} from 'opsin'
import { readSafetensors } from 'opsin/io'
import { describe, expect, it } from 'vitest'
import { intervene } from '../../src/compile/intervene.ts'
import { gradientName } from '../../src/graph/address.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { nativeEngine } from '../support/native-engine.ts'
import { runGraph } from '../support/run-graph.ts'

const { tensors } = readSafetensors(readFileSync(new URL('compositions.safetensors', import.meta.url)))

const [vocab, dModel] = [11, 8]
const tokens = tokenInputs({ vocab })

function shift(weights: 'free' | 'gate' | 'clip', window: number): Model {
  const mixer = attention({ heads: 2, with: [shiftMix({ weights, window }), rotary()] })
  return transformer({ dModel, inputs: tokens, blocks: [{ mixer, norm: rmsNorm() }], readout: linearReadout() })
}

const whole = { q: 'linear', v: 'identity', out: 'identity', scores: 'bilinear', scale: 1 } as const
const sized = { layers: 2, heads: 2, dModel, vocab } as const
const weighted = crossEntropy({ weights: true })

/** What compositions.py computed, built of opsin's parts. */
const cases: Readonly<Record<string, { readonly model: Model; readonly objective?: Objective }>> = {
  gpt2: { model: gpt2({ ...sized, maxLength: 6 }) },
  neox: { model: neox({ ...sized, dMlp: 16, rotaryShare: 0.5 }) },
  'neox-serial': { model: neox({ ...sized, dMlp: 16, rotaryShare: 0.5, parallel: false }) },
  llama: { model: llama({ ...sized, heads: 4, kvHeads: 2, dMlp: 12 }) },
  qwen: { model: llama({ ...sized, layers: 1, kvHeads: 1, dMlp: 12, qkvBias: true, tied: true }) },
  'linear-attention': {
    model: transformer({
      dModel,
      inputs: vectorInputs({ width: 5 }),
      blocks: [{ mixer: attention({ heads: 2, dHead: 3, dValue: 5, normalize: 'none', scale: 0.7 }) }],
      readout: linearReadout({ at: 'last', outputs: 3 }),
    }),
    objective: squaredError(),
  },
  bilinear: {
    model: transformer({
      inputs: oneHotInputs({ vocab: 3 }),
      positions: oneHotPositions({ maxLength: 5 }),
      blocks: [1, 2].map((heads) => ({ mixer: attention({ ...whole, heads }), residual: concatResidual() })),
      readout: linearReadout({ at: 'last', bias: false }),
    }),
    objective: crossEntropy({ targets: 'soft' }),
  },
  'shift-free-2': { model: shift('free', 2), objective: weighted },
  'shift-free-3': { model: shift('free', 3), objective: weighted },
  'shift-gate-2': { model: shift('gate', 2), objective: weighted },
  'shift-clip-2': { model: shift('clip', 2), objective: weighted },
  'gated-heads': {
    model: transformer({
      dModel,
      inputs: tokens,
      blocks: [
        { mixer: attention({ heads: 2, bias: ['out'], with: [headGate()] }) },
        { mlp: tanhMlp({ width: 12 }), norm: layerNorm() },
        { mlp: reluMlp({ width: 12 }), norm: layerNorm() },
      ],
      norm: layerNorm(),
      readouts: { next: linearReadout(), fact: linearReadout({ at: 'last', outputs: 4 }) },
    }),
    objective: weightedSum({
      next: { objective: crossEntropy() },
      fact: { objective: binaryCrossEntropy(), weight: 0.3 },
    }),
  },
}

function group(model: string, name: string): Record<string, Tensor> {
  const prefix = `${model}/${name}/`
  const own = Object.entries(tensors).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}

/** max-abs of the difference over max-abs of what is expected, or over 1e-3 where that is nothing (as for biases of keys). */
function apart(got: ArrayLike<number>, { data }: Tensor): number {
  const values = Array.from(data)
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3)
  return values.reduce((max, value, i) => Math.max(max, Math.abs(got[i] - value)), 0) / largest
}

it('has a case for every model of the twin', () => {
  expect([...new Set(Object.keys(tensors).map((key) => key.split('/')[0]))].sort()).toEqual(Object.keys(cases).sort())
})

describe.each(Object.entries(cases))('%s', (name, { model, objective }) => {
  const [weights, gradients, inputs, out] = ['weights', 'gradients', 'inputs', 'out'].map((part) => group(name, part))

  it('has the parameters of the twin', () => {
    const shapes = Object.fromEntries(model.parameters.map((spec) => [spec.name, spec.shape]))
    expect(shapes).toEqual(Object.fromEntries(Object.entries(weights).map(([key, { shape }]) => [key, shape])))
  })

  it.each([
    ['reference', 1e-9],
    ['wasm', 1e-4],
  ] as const)('%s gives its logits, its loss and every gradient', async (engineName, tolerance) => {
    const learner = withObjective(model, objective)
    const points = [...Object.keys(out)]
    const { graph } = intervene(learner, learner.sizes(inputs), [], { observed: points, gradients: true })
    const values = Object.entries({ ...weights, ...inputs }).map(([key, { data }]) => [key, data])
    const fed = graph.nodes.flatMap((node) =>
      node.kind === 'input' && node.feed !== undefined ? [[node.name, node.feed(0)]] : [],
    )
    const read = runGraph(graph, Object.fromEntries([...values, ...fed]), await nativeEngine(engineName))
    for (const point of points) expect(apart(read(point), out[point]), point).toBeLessThan(tolerance)
    for (const [key, expected] of Object.entries(gradients)) {
      expect(apart(read(gradientName(key)), expected), key).toBeLessThan(tolerance)
    }
  })
})
