import {
  binaryCrossEntropy,
  crossEntropy,
  exemplarInputs,
  identityReadout,
  learnedPositions,
  linearReadout,
  oneHotInputs,
  oneHotPositions,
  type PreNormOptions,
  preNorm,
  sinusoidalPositions,
  squaredError,
  type TransformerOptions,
  tiedReadout,
  tokenInputs,
  transformer,
  vectorInputs,
  weightedSum,
} from 'opsin'
import type { Draw } from '../../src/ops/define.ts'
import { drawBlock, drawNorm } from './draw-blocks.ts'
import type { Learner } from './network.ts'

/** The longest sequence that is drawn. */
export const LONGEST = 5

const WIDTH = 4

/** A random model and what it is trained for: half of them pre-norm, the others composed of any parts. */
export function drawLearner(draw: Draw): Learner {
  return draw.int(0, 1) === 0 ? { model: preNorm(drawPreNorm(draw)), objective: crossEntropy() } : drawComposed(draw)
}

function drawPreNorm(draw: Draw): PreNormOptions {
  return {
    layers: draw.pick([1, 2, 2]),
    heads: draw.pick([1, 2, 2, 3]),
    dHead: draw.pick([2, 4]),
    dModel: WIDTH,
    mlpRatio: draw.pick([null, null, 0.5, 2]),
    positions: draw.pick(['rotary', 'rotary', 'learned', 'sinusoidal', 'none'] as const),
    norm: draw.pick(['layernorm', 'layernorm', 'rmsnorm', 'none'] as const),
    causal: draw.pick([true, true, true, false]),
    readout: draw.pick(['last', 'last', 'all'] as const),
    inputs: draw.pick([
      { kind: 'exemplars', features: 3, labels: 4 },
      { kind: 'exemplars', features: 3, labels: 4 },
      { kind: 'tokens', vocab: 5 },
    ] as const),
  }
}

function drawComposed(draw: Draw): Learner {
  const { inputs, ...given } = drawInputs(draw)
  const embed = inputs.width(given.dModel)
  const positions = draw.pick([
    () => learnedPositions({ maxLength: LONGEST }),
    () => sinusoidalPositions(),
    () => oneHotPositions({ maxLength: LONGEST }),
    () => undefined,
    () => undefined,
  ])()
  let width = positions?.width(embed) ?? embed
  const blocks = Array.from({ length: draw.pick([0, 1, 1, 2, 2, 2]) }, () => {
    const { block, after } = drawBlock(draw, width)
    width = after
    return block
  })
  const norm = drawNorm(draw)
  const several = draw.int(0, 3) === 0
  const one = () => drawReadout(draw, inputs, width)
  // One without a name beside those that have one is not trained.
  const readouts = several
    ? { readouts: { next: one(), fact: one() }, ...(draw.int(0, 3) === 0 ? { readout: one() } : {}) }
    : { readout: one() }
  const model = transformer({
    ...given,
    inputs,
    ...(positions && { positions }),
    blocks,
    ...(norm && { norm }),
    ...readouts,
    causal: draw.pick([true, true, true, false]),
  })
  // There is nothing to train without parameters.
  return model.parameters.length === 0 ? drawComposed(draw) : { model, objective: drawObjective(draw, several) }
}

/** Inputs, and d_model where those need to be told. */
function drawInputs(draw: Draw): Pick<TransformerOptions, 'inputs' | 'dModel'> {
  return draw.pick<() => Pick<TransformerOptions, 'inputs' | 'dModel'>>([
    () => ({ dModel: WIDTH, inputs: tokenInputs({ vocab: 5 }) }),
    () => ({ dModel: WIDTH, inputs: tokenInputs({ vocab: 5 }) }),
    () => ({ dModel: WIDTH, inputs: exemplarInputs({ features: 3, labels: 4 }) }),
    () => ({ dModel: WIDTH, inputs: exemplarInputs({ features: 3, labels: 4 }) }),
    () => ({ dModel: WIDTH, inputs: vectorInputs({ width: 3 }) }),
    () => ({ inputs: vectorInputs({ width: draw.pick([3, WIDTH]), readIn: false }) }),
    () => ({ inputs: oneHotInputs({ vocab: draw.pick([3, WIDTH]) }) }),
  ])()
}

function drawReadout(draw: Draw, inputs: TransformerOptions['inputs'], width: number) {
  const at = draw.pick([{ at: 'last' }, { at: 'last' }, {}] as const)
  const isTied = inputs.tied !== undefined && width === WIDTH
  const bias = draw.pick([{}, { bias: false }])
  return draw.pick([
    () => linearReadout({ ...at, ...bias, ...(inputs.vocab === undefined ? { outputs: 3 } : {}) }),
    () => linearReadout({ ...at, ...bias, outputs: draw.pick([1, 2, 6]) }),
    () => (isTied ? tiedReadout(at) : linearReadout({ ...at, outputs: 4 })),
    () =>
      identityReadout({
        ...at,
        ...draw.pick([{}, { features: [width - 1, 0] }, { features: [width - 1, width - 1] }]),
      }),
  ])()
}

function drawObjective(draw: Draw, several: boolean) {
  const weights = () => draw.pick([{}, {}, { weights: true }])
  const one = () =>
    draw.pick([
      () => crossEntropy(weights()),
      () => crossEntropy(weights()),
      () => crossEntropy({ targets: 'soft', ...weights() }),
      () => squaredError(weights()),
      () => binaryCrossEntropy(weights()),
    ])()
  if (!several) return one()
  const worth = () => draw.pick([{}, { weight: 0.3 }, { weight: 2 }])
  const next = { objective: one(), ...worth() }
  return weightedSum(draw.int(0, 4) === 0 ? { next } : { next, fact: { objective: one(), ...worth() } })
}
