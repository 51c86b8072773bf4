import * as opsin from 'opsin'
import type { Call } from './call.ts'

const { attention, crossEntropy, geluMlp, layerNorm, linearReadout, rotary, tokenInputs, weightedSum } = opsin

/** By function: the options of one valid call. */
const options = {
  addResidual: {},
  attention: {
    heads: 2,
    dHead: 4,
    dValue: 2,
    kvHeads: 1,
    bias: ['q', 'out'],
    q: 'linear',
    k: 'linear',
    v: 'linear',
    out: 'linear',
    scores: 'factored',
    scale: 1,
    normalize: 'none',
    with: [rotary()],
  },
  binaryCrossEntropy: { weights: true },
  concatResidual: {},
  crossEntropy: { targets: 'soft', weights: true },
  exactGeluMlp: { width: 8, bias: false },
  exemplarInputs: { features: 3, labels: 2 },
  geluMlp: { width: 8, bias: false },
  gpt2: { layers: 1, heads: 2, dModel: 8, dMlp: 8, vocab: 5, maxLength: 4, eps: 1e-5 },
  headGate: {},
  identityReadout: { at: 'last', features: [1] },
  layerNorm: { eps: 1e-5, bias: false },
  learnedPositions: { maxLength: 4 },
  linearReadout: { at: 'all', outputs: 3, bias: false },
  llama: {
    layers: 1,
    heads: 2,
    kvHeads: 1,
    dModel: 8,
    dHead: 4,
    dMlp: 8,
    vocab: 5,
    rotaryBase: 100,
    qkvBias: true,
    tied: true,
    eps: 1e-5,
  },
  neox: {
    layers: 1,
    heads: 2,
    dModel: 8,
    dMlp: 8,
    vocab: 5,
    rotaryShare: 0.5,
    rotaryBase: 100,
    parallel: false,
    eps: 1e-5,
  },
  noResidual: {},
  oneHotInputs: { vocab: 3 },
  oneHotPositions: { maxLength: 4 },
  reluMlp: { width: 8, bias: false },
  rmsNorm: { eps: 1e-5 },
  rotary: { base: 100, pairs: 'halves', share: 0.5 },
  shiftKeys: { window: 3, weights: 'free' },
  shiftMix: { window: 2, weights: 'gate' },
  shiftValues: { window: 2, weights: 'clip' },
  sinusoidalPositions: {},
  squaredError: { weights: true },
  swigluMlp: { width: 8 },
  tanhMlp: { width: 8, bias: false },
  tiedReadout: { at: 'last' },
  tokenInputs: { vocab: 3 },
  vectorInputs: { width: 3, readIn: false },
} as const

const made = new Map(Object.entries(opsin))

const composed = () => ({
  dModel: 4,
  inputs: tokenInputs({ vocab: 3 }),
  blocks: [{ mixer: attention({ heads: 2 }), mlp: geluMlp(), norm: layerNorm(), parallel: true }],
  norm: layerNorm(),
  readouts: { a: linearReadout(), b: linearReadout({ at: 'last', outputs: 2 }) },
  causal: false,
})

export const parts: Call[] = [
  ...Object.entries(options).map(
    ([name, given]): Call => ({
      name,
      args: () => [structuredCloneOf(given)],
      run: made.get(name) as Call['run'],
    }),
  ),
  {
    name: 'repeated',
    args: () => [2, { mixer: attention({ heads: 1 }) }],
    run: opsin.repeated,
    free: /^args\[1\]/,
    carries: true,
  },
  { name: 'transformer', args: () => [composed()], run: opsin.transformer, share: 2 },
  {
    name: 'weightedSum',
    args: () => [{ a: { objective: crossEntropy(), weight: 0.5 }, b: { objective: crossEntropy() } }],
    run: weightedSum,
  },
  {
    name: 'withObjective',
    args: () => [opsin.transformer(composed()), weightedSum({ a: { objective: crossEntropy() } })],
    run: opsin.withObjective,
  },
]

/** A copy that a mutation may change; functions stay what they are. */
function structuredCloneOf(given: object): object {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  )
}
