import {
  ablate,
  at,
  attention,
  clamp,
  forbid,
  type Intervention,
  linearReadout,
  runWithCache,
  tensor,
  tokenInputs,
  transformer,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { weightsOf } from '../support/models.ts'

const model = transformer({
  dModel: 4,
  inputs: tokenInputs({ vocab: 5 }),
  blocks: [{ mixer: attention({ heads: 1, normalize: 'none' }) }],
  readout: linearReadout(),
})
const tokens = tensor([1, 3], Int32Array.of(1, 4, 2))
const scores = at(model, 'blocks.0.attn.scores')

async function pattern(interventions: Intervention[]): Promise<number[]> {
  const name = 'blocks.0.attn.pattern'
  const options = { cache: [name], engine: 'reference', interventions } as const
  const { cache } = await runWithCache(model, weightsOf(model, 3), { tokens }, options)
  return Array.from(cache[name].data)
}

describe('scores of linear attention', () => {
  it('that are forbidden weigh nothing', async () => {
    const plain = await pattern([])
    const without = await pattern([forbid(scores, { edges: 'previous-token' })])
    expect(without).toEqual(plain.map((weight, i) => (i === 3 || i === 7 ? 0 : weight)))
    expect(without).toEqual(
      await pattern([
        ablate(at(model, 'blocks.0.attn.scores', { query: 1, key: 0 })),
        ablate(at(model, 'blocks.0.attn.scores', { query: 2, key: 1 }), { order: 1 }),
      ]),
    )
  })

  it('of later keys stay 0 unless that is given up by name', async () => {
    expect(await pattern([clamp(scores, 0.5)])).toEqual([0.5, 0, 0, 0.5, 0.5, 0, 0.5, 0.5, 0.5])
    expect(await pattern([clamp(scores, 0.5, { causal: false })])).toEqual(Array(9).fill(0.5))
  })
})
