import {
  type Batch,
  builtInFeatures,
  fewShot,
  initialize,
  type Model,
  type Parameters,
  sliceBatch,
  type Tensor,
  tensor,
} from 'opsin'
import { readSafetensors, writeSafetensors } from 'opsin/io'
import { readBytes } from 'opsin/node'
import { philox, streams } from '../../src/core/rng.ts'
import { cases, FEATURES, type GoldenCase, LABELS, models, VOCAB } from './cases.ts'

/** Where what both sides start from lies, and what the twin made of it. */
export const inputsFile = 'test/golden/inputs.safetensors'
export const expectedFile = (name: string) => `test/golden/expected/${name}.safetensors`

export const STEPS = 20
/** Neither it nor its product with five tokens is a multiple of four, so that kernels have a rest to deal with. */
export const BATCH = 6

const seeds = { features: 3, data: 7, evaluation: 1, labels: 20, weights: 11 }

/** The bytes of {@link inputsFile}, from seeds alone: features, batches of every kind, weights of every model. */
export function makeInputs(): Uint8Array {
  const features = builtInFeatures({ classes: 12, exemplars: 1, features: FEATURES, seed: seeds.features })
  const { data, evaluation, labels } = seeds
  const options = { features, classes: 8, labels: LABELS, seeds: { data, evaluation, labels } }
  const twoPairs = fewShot({ ...options, pairs: 2 })
  const fourPairs = fewShot({ ...options, pairs: 4, burstiness: 2 })
  const count = STEPS * BATCH
  const named = (prefix: string, tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`${prefix}/${name}`, value]))
  const described = Object.entries(cases).map(([name, { model, data, optimizer, points }]) => {
    return { name, weights: model, data, points, model: models[model].config, optimizer: optimizer.config }
  })
  return writeSafetensors(
    {
      ...twoPairs.tables,
      ...named('two-pairs', twoPairs.batch(0, count)),
      ...named('four-pairs', fourPairs.batch(0, count)),
      ...named('tokens', tokens(count)),
      ...Object.assign({}, ...Object.entries(models).map(([name, model]) => named(name, weights(model)))),
    },
    { cases: JSON.stringify(described), steps: `${STEPS}`, batch: `${BATCH}` },
  )
}

/** As a model starts, but with gains and biases moved off their ones and zeros, so that nothing hides behind those. */
function weights(model: Model): Parameters {
  const random = philox(seeds.weights, streams.noise)
  const parameters = initialize(model, seeds.weights)
  model.parameters.forEach(({ name, initializer }, index) => {
    if (initializer.kind === 'truncated-normal') return
    const { data } = parameters[name]
    for (let i = 0; i < data.length; i++) data[i] += 0.1 * random.truncatedNormal(0, index, i)
  })
  return parameters
}

/** Six random tokens, each the target of the one before; the last one and now and then another have no target. */
function tokens(count: number): Batch {
  const length = 6
  const random = philox(seeds.data, streams.data)
  const ids = Int32Array.from({ length: count * length }, (_, i) => random.below(VOCAB, 0, 0, i))
  const targets = ids.map((_, i) => (i % length === length - 1 || i % 17 === 0 ? -1 : ids[i + 1]))
  return { tokens: tensor([count, length], ids), targets: tensor([count, length], targets) }
}

export interface GoldenRun extends GoldenCase {
  readonly parameters: Parameters
  /** Inputs that stay the same. */
  readonly tables: Batch
  batch(step: number): Batch
  /** What the twin computed: `losses`, `point/…`, `gradient/…`, `final/…`. */
  readonly expected: Readonly<Record<string, Tensor>>
}

/** A case with everything that its files hold. */
export function readCase(name: string): GoldenRun {
  const golden = cases[name]
  const { tensors } = readSafetensors(readBytes(inputsFile), inputsFile)
  const { tensors: expected } = readSafetensors(readBytes(expectedFile(name)), expectedFile(name))
  const batches = under(tensors, golden.data)
  return {
    ...golden,
    parameters: under(tensors, golden.model) as Parameters,
    tables: golden.data === 'tokens' ? {} : { features: tensors.features },
    batch: (step) => sliceBatch(batches, step * BATCH, (step + 1) * BATCH),
    expected,
  }
}

/** The tensors below a prefix, without it. */
export function under(tensors: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  )
}
