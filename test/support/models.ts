import fc from 'fast-check'
import { type Model, type Parameters, type PreNormOptions, preNorm, type Tensor, tensor } from 'opsin'
import { sampleValues } from '../../src/testing/index.ts'

/** Options of a tiny model with any choice of positions, norm, MLP, mask, read-out and inputs. */
export const tinyOptions: fc.Arbitrary<PreNormOptions> = fc
  .record({
    layers: fc.integer({ min: 1, max: 2 }),
    heads: fc.integer({ min: 1, max: 3 }),
    dHead: fc.constantFrom(2, 4),
    mlpRatio: fc.constantFrom(null, 0.5, 2),
    positions: fc.constantFrom('rotary' as const, 'learned' as const, 'sinusoidal' as const, 'none' as const),
    norm: fc.constantFrom('layernorm' as const, 'rmsnorm' as const, 'none' as const),
    causal: fc.boolean(),
    readout: fc.constantFrom('last' as const, 'all' as const),
    inputs: fc.constantFrom(
      { kind: 'exemplars', features: 3, labels: 4 } as const,
      { kind: 'tokens', vocab: 5 } as const,
    ),
  })
  .map((options) => ({
    ...options,
    dModel: 4,
  }))

/** The tiny model of most tests: two layers of two heads, exemplars of 6 features, 5 labels. */
export function tinyModel() {
  return preNorm({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'exemplars', features: 6, labels: 5 } })
}

/** Inputs of a model as its `config` describes them, all drawn from the seed. */
export function inputsOf({ config }: Model, seed = 0, { batch = 2, pairs = 2, rows = 7 } = {}): Record<string, Tensor> {
  const inputs = config.inputs as NonNullable<PreNormOptions['inputs']>
  const ints = (shape: number[], below: number, salt: number) =>
    tensor(shape, sampleValues([{ shape, below }], 1000 * seed + salt, 'f32')[0].data)
  if (inputs.kind === 'tokens') {
    const length = 2 * pairs
    const targets = config.readout === 'last' ? [batch] : [batch, length]
    return { tokens: ints([batch, length], inputs.vocab, 1), targets: ints(targets, inputs.vocab, 2) }
  }
  if (inputs.kind !== 'exemplars') throw new Error(`no inputs of kind ${inputs.kind} here`)
  const shape = [rows, inputs.features]
  const labels = ints([batch, pairs], inputs.labels, 1)
  // The answer is a label of the context, or at every position none or some label.
  const answers = Int32Array.from({ length: batch }, (_, b) => labels.data[b * pairs + ((seed + b) % pairs)])
  const everywhere = ints([batch, 2 * pairs + 1], inputs.labels + 1, 4)
  const targets =
    config.readout === 'last'
      ? tensor([batch], answers)
      : tensor(
          everywhere.shape,
          everywhere.data.map((id) => id - 1),
        )
  return {
    features: tensor(shape, sampleValues([{ shape }], 1000 * seed + 3, 'f32')[0].data),
    exemplars: ints([batch, pairs + 1], rows, 2),
    labels,
    targets,
  }
}

/** Every parameter normal, biases and gains too: values at which no gradient is zero by chance. */
export function weightsOf(model: Model, seed = 0, size = 0.6): Parameters {
  return Object.fromEntries(
    model.parameters.map(({ name, shape }, i) => {
      const [{ data }] = sampleValues([{ shape }], 77 * seed + i + 1, 'f64')
      return [
        name,
        tensor(
          shape,
          Float64Array.from(data, (value) => Math.fround(size * value)),
        ),
      ]
    }),
  )
}

/** The same numbers for graphs: by input name, without shapes. */
export function valuesOf(...named: Readonly<Record<string, Tensor>>[]): Record<string, ArrayLike<number>> {
  return Object.fromEntries(named.flatMap(Object.entries).map(([name, { data }]) => [name, data]))
}

/** A copy of a tensor of inputs with one element changed. */
export function withElement({ shape, data }: Tensor, index: number, value: number): Tensor {
  const copy = data.slice()
  copy[index] = value
  return tensor(shape, copy)
}
