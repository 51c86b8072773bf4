import {
  ablate,
  activation,
  addResidual,
  at,
  attention,
  binaryCrossEntropy,
  clamp,
  crossEntropy,
  type Intervention,
  layerNorm,
  linearReadout,
  patch,
  runWithCache,
  scale,
  tensor,
  tokenInputs,
  transformer,
  vectorInputs,
  weightedSum,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { weightsOf } from '../support/models.ts'

const model = transformer({
  dModel: 4,
  inputs: tokenInputs({ vocab: 5 }),
  blocks: [{ mixer: attention({ heads: 2 }), residual: addResidual() }],
  norm: layerNorm(),
  readouts: { next: linearReadout(), fact: linearReadout({ at: 'last', outputs: 2 }) },
})
const weights = weightsOf(model, 3)
const objective = weightedSum({
  next: { objective: crossEntropy(), weight: 2 },
  fact: { objective: binaryCrossEntropy(), weight: 0.25 },
})
const inputs = {
  tokens: tensor([1, 3], Int32Array.of(1, 4, 2)),
  'targets/next': tensor([1, 3], Int32Array.of(4, 2, 0)),
  'targets/fact': tensor([1, 2], Float32Array.of(0, 1)),
}
const points = ['readouts.next.logits', 'readouts.fact.logits'] as const

describe('several read-outs', () => {
  it.each([
    ['next', 'fact'],
    ['fact', 'next'],
  ] as const)('what is done to the input of %s is not done to that of %s', async (one, other) => {
    const list = [ablate(at(model, `readouts.${one}.input`))]
    const options = { cache: points, engine: 'reference' } as const
    const { tokens } = inputs
    const plain = (await runWithCache(model, weights, { tokens }, options)).cache
    const { cache } = await runWithCache(model, weights, { tokens }, { ...options, interventions: list })
    expect(cache[`readouts.${other}.logits`]).toEqual(plain[`readouts.${other}.logits`])
    expect(cache[`readouts.${one}.logits`]).not.toEqual(plain[`readouts.${one}.logits`])
  })

  it('are read with the weights of their losses, and so are gradients and receipts', async () => {
    const { cache, receipts } = await runWithCache(model, weights, inputs, {
      objective,
      engine: 'reference',
      cache: ['loss', 'readouts.next.loss', 'readouts.fact.loss', 'grad(readouts.next.loss)'],
      interventions: [scale(at(model, 'grad(readouts.fact.loss)'), 3)],
    })
    const value = (name: keyof typeof cache) => cache[name].data[0]
    expect(value('loss')).toBeCloseTo(2 * value('readouts.next.loss') + 0.25 * value('readouts.fact.loss'), 12)
    expect(value('loss')).toBeGreaterThan(0)
    expect(value('grad(readouts.next.loss)')).toBe(2)
    expect(receipts[0].largestChange).toBe(0.5)
  })
})

it('vectors that are their own embedding are embedded in every replica by itself', async () => {
  const toy = transformer({
    inputs: vectorInputs({ width: 3, readIn: false }),
    blocks: [],
    readout: linearReadout({ outputs: 2 }),
  })
  const inputs = { vectors: tensor([1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)) }
  const run = (interventions: Intervention[]) =>
    runWithCache(toy, weightsOf(toy, 1), inputs, { engine: 'reference', interventions })
  const clean = patch(at(toy, 'logits'), activation({ pass: 'clean' }), { gradient: 'block' })
  const { logits } = (await run([clamp(at(toy, 'embed'), 0), clean])).cache
  expect(logits).toEqual((await run([])).cache.logits)
})
