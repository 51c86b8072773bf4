import {
  ablate,
  activation,
  at,
  attentionOnly,
  clamp,
  crossEntropy,
  forbid,
  fromIclDynamics,
  type Intervention,
  patch,
  previousToken,
  runWithCache,
  scale,
  tensor,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import type { Case } from '../naive/cases.ts'
import { compare } from '../naive/compare.ts'
import { interpret } from '../naive/interpret.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model, 2)
const weights = weightsOf(model, 2)
const source = { gradient: 'source' } as const
const block = { gradient: 'block' } as const
const clean = activation({ replica: 'clean' })

/** What opsin makes of a list, next to what the naive interpreter makes of it. */
function verdict(list: readonly Intervention[], change: Partial<Case> = {}) {
  return compare({
    model,
    objective: crossEntropy(),
    size: { batch: 2, length: 5 },
    inputs,
    weights,
    list,
    observed: [],
    without: [],
    engine: 'reference',
    ...change,
  })
}

describe('a splice touches its own point in its own replica', () => {
  const v = (head: number) => at(model, 'blocks.0.attn.v', { head })
  const compositions: [string, Intervention[]][] = [
    [
      'values of a clean pass, then a head ablated',
      fromIclDynamics(model, { preserve_values: true, ablate_heads: ['0:1'] }),
    ],
    [
      'patterns of a clean pass, then one of previous tokens',
      fromIclDynamics(model, { preserve_patterns: true, prev_token_heads: ['0:1'] }),
    ],
    [
      'everything of a clean pass, ablations and clamps',
      fromIclDynamics(model, {
        preserve_patterns: true,
        preserve_values: true,
        preserve_queries: true,
        preserve_keys: true,
        ablate_heads: ['0:0', '1:1'],
        match_heads: ['1:0'],
        match_head_temperature: 0.5,
      }),
    ],
    [
      'a temperature with a copy',
      fromIclDynamics(model, { set_head_temperature: ['1:1:0.5'], perfect_copy_from_head_pattern: '1:1' }),
    ],
    [
      'every pattern option on one head',
      fromIclDynamics(model, { prev_token_heads: ['1:1'], induction_heads: ['1:1'], match_heads: ['1:1'] }),
    ],
    [
      'two points with one value',
      [
        patch(at(model, 'blocks.1.attn.q'), activation({ of: at(model, 'blocks.1.attn.k') }), source),
        scale(at(model, 'blocks.1.attn.q', { head: 0 }), 2, { order: 1 }),
        scale(at(model, 'grad(blocks.1.attn.k)'), 3),
      ],
    ],
    [
      'a clean pass that is edited after it was read',
      [
        patch(at(model, 'blocks.0.attn.v'), clean, source),
        ablate({ ...v(0), replica: 'clean' }),
        ablate(v(1), { order: 1 }),
      ],
    ],
  ]
  it.each(compositions)('%s', async (_, list) => {
    expect(await verdict(list)).toEqual({ agrees: true, how: 'ran' })
    expect(await verdict(list, { engine: 'wasm' })).toEqual({ agrees: true, how: 'ran' })
    expect(await verdict([...list].reverse())).toEqual({ agrees: true, how: 'ran' })
  })
})

describe('causality', () => {
  const causal = attentionOnly({ layers: 2, heads: 2, dModel: 4, inputs: { kind: 'tokens', vocab: 5 }, readout: 'all' })
  const given = inputsOf(causal, 1)
  const scores = at(causal, 'blocks.0.attn.scores')
  const pattern = at(causal, 'blocks.1.attn.pattern', { head: 1 })
  const edits: [string, Intervention][] = [
    ['ablated scores', ablate(scores)],
    ['scores clamped to 1', clamp(scores, 1)],
    ['scores straight through', clamp(scores, 1, { gradient: 'straight-through' })],
    ['scores of one head clamped', clamp({ ...scores, select: { head: 0 } }, 1)],
    ['scores times 0', scale(scores, 0)],
    ['scores times −1', scale(scores, -1)],
    ['a pattern of ones', clamp(pattern, 1)],
    ['a pattern from an array', clamp(pattern, tensor([4, 4], new Float32Array(16).fill(0.25)))],
    [
      'scores from a pattern',
      patch(at(causal, 'blocks.1.attn.scores'), activation({ of: at(causal, 'blocks.0.attn.pattern') }), block),
    ],
  ]
  const future = async (list: readonly Intervention[]) => {
    const read = async (inputs: typeof given) =>
      (await runWithCache(causal, weightsOf(causal), inputs, { interventions: list, engine: 'reference' })).cache.logits
        .data
    const tokens = { ...given.tokens, data: given.tokens.data.slice() }
    tokens.data[3] = (tokens.data[3] + 1) % 5
    const [one, other] = [await read({ ...given, tokens }), await read(given)]
    // The first three of four positions, of 5 logits each
    return one.slice(0, 15).some((value, i) => value !== other[i])
  }

  it.each(edits)('is kept by %s', async (_, edit) => {
    expect(await future([edit])).toBe(false)
  })

  it('is given up by name alone, and only where it is said', async () => {
    const ahead = clamp(scores, 1, { causal: false })
    expect(await future([ahead])).toBe(true)
    const kept = clamp(scores, 2, { order: 1 })
    expect(await verdict([ahead, kept], { model: causal, inputs: given, weights: weightsOf(causal) })).toMatchObject({
      agrees: true,
    })
  })

  it('leaves what is hidden out of the count', async () => {
    const { receipts } = await runWithCache(causal, weightsOf(causal), given, { interventions: [ablate(scores)] })
    expect(receipts[0].elements).toBe(2 * 2 * (1 + 2 + 3 + 4))
  })
})

describe('gradients', () => {
  const reads: [string, Intervention[]][] = [
    [
      'read from another layer',
      [
        patch(
          at(model, 'grad(blocks.0.attn.rot_q)'),
          activation({ of: at(model, 'grad(blocks.1.attn.rot_q)') }),
          block,
        ),
      ],
    ],
    [
      'read from another pass',
      [
        patch(at(model, 'blocks.1.attn.pattern'), clean, source),
        patch(
          at(model, 'grad(blocks.0.attn.q)'),
          activation({ of: at(model, 'grad(blocks.0.attn.q)'), replica: 'clean' }),
          block,
        ),
      ],
    ],
    [
      'made of values that no loss needs',
      [
        clamp(at(model, 'blocks.1.attn.pattern'), previousToken()),
        patch(at(model, 'grad(blocks.1.attn.q)'), activation({ of: at(model, 'blocks.1.attn.k') }), block),
      ],
    ],
    [
      'written behind a block that is ablated',
      [ablate(at(model, 'blocks.1.attn.z')), clamp(at(model, 'grad(blocks.1.attn.q)'), 0.01)],
    ],
    [
      'written in a pass that sends none',
      [
        patch(at(model, 'blocks.1.attn.v'), clean, block),
        clamp(at(model, 'grad(blocks.0.attn.z)', { replica: 'clean' }), 0.5),
      ],
    ],
  ]
  it.each(reads)('%s', async (_, list) => {
    expect(await verdict(list)).toEqual({ agrees: true, how: 'ran' })
    const placed = list.map((intervention, index) => ({ index, intervention }))
    // Not by doing nothing:
    const [own, plain] = [placed, []].map((some) =>
      interpret({ model, objective: crossEntropy() }, inputs, weights, some),
    )
    expect(own.parameterGradient('blocks.0.attn.q.weight')).not.toEqual(
      plain.parameterGradient('blocks.0.attn.q.weight'),
    )
    // Who listens to the source changes nothing.
    const observed = [...model.hookPoints.keys()].map((point) => ({ point: `grad(${point})` }))
    expect(await verdict(list, { observed })).toEqual({ agrees: true, how: 'ran' })
  })
})

describe('a conflict', () => {
  const z = (select: object, replica?: string) => ({ point: 'blocks.0.attn.z', select, ...(replica && { replica }) })
  const scores = { point: 'blocks.0.attn.scores' }
  const pairs: [string, Intervention, Intervention, boolean][] = [
    [
      'with one that reads what it writes',
      patch(z({ head: 0 }), activation({ of: z({ head: 1 }) }), block),
      scale(z({ head: 1 }), 2),
      true,
    ],
    [
      'with one that reads it some positions earlier',
      patch(z({ pos: 3 }), activation({ shift: 1 }), block),
      scale(z({ pos: 2 }), 2),
      true,
    ],
    [
      'not where it reads others',
      patch(z({ pos: 3 }), activation({ shift: 1 }), block),
      scale(z({ pos: 1 }), 2),
      false,
    ],
    ['not with one in another pass', ablate(z({ head: 0 })), scale(z({ head: 0 }, 'clean'), 2), false],
    [
      'not where it reads another pass',
      patch(z({ head: 0 }), activation({ of: z({ head: 1 }, 'clean') }), block),
      scale(z({ head: 1 }), 2),
      false,
    ],
    [
      'of forbidden edges with a clamp of one',
      forbid(scores, { edges: 'previous-token' }),
      clamp({ ...scores, select: { query: 3, key: [1, 2] } }, 1),
      true,
    ],
    [
      'not with a clamp off those edges',
      forbid(scores, { edges: 'previous-token' }),
      clamp({ ...scores, select: { query: 3, key: [0, 1] } }, 1),
      false,
    ],
    [
      'not where both meet only in what is hidden',
      clamp({ ...scores, select: { query: [0, 1], key: [1, 3] } }, 1),
      scale({ ...scores, select: { query: [0, 2], key: [2, 3] } }, 2),
      false,
    ],
  ]
  it.each(pairs)('%s', async (_, one, other, conflict) => {
    for (const list of [
      [one, other],
      [other, one],
    ]) {
      expect(await verdict(list)).toEqual({ agrees: true, how: conflict ? 'CONFLICT' : 'ran' })
    }
  })

  it('is one in runWithCache whatever the windows and phases: there all act', async () => {
    const one = clamp(z({ head: 0 }), 1, { when: { unit: 'steps', from: 0, to: 5 }, phase: ['train'] })
    const other = scale(z({ head: 0 }), 2, { when: { unit: 'steps', from: 5 }, phase: ['eval'] })
    const run = runWithCache(model, weights, inputs, { interventions: [one, other] })
    await expect(run).rejects.toThrow(/\[CONFLICT\]/)
  })
})

describe('forbidden edges', () => {
  const scores = { point: 'blocks.0.attn.scores' }

  it('that together leave a query no key are refused', async () => {
    const most = forbid({ ...scores, select: { query: 'last', key: [0, 1, 2, 3] } })
    const self = forbid({ ...scores, select: { query: 'last', key: 'last', head: 1 } })
    expect(() =>
      intervene(withObjective(model), model.sizes(inputs), numbered([most, self]), { observed: [], gradients: false }),
    ).toThrow(/interventions\[0\], interventions\[1\]: expected at least one key left.*query 4 of head 1.*\[VALUE\]/)
    expect(await verdict([most, { ...self, at: { ...self.at, replica: 'other' } }])).toMatchObject({ how: 'ran' })
  })
})

describe('the order of a selection', () => {
  const heads = at(model, 'blocks.0.attn.z', { head: [1, 0] })
  const read = async (list: readonly Intervention[]) => {
    const { cache } = await runWithCache(model, weights, inputs, {
      cache: ['blocks.0.attn.z', 'blocks.1.attn.z'],
      interventions: list,
      engine: 'reference',
    })
    return cache
  }

  it('is that of an array that is written there', async () => {
    const values = tensor([2, 1], new Float64Array([10, 20]))
    const { data, shape } = (await read([clamp(heads, values)]))['blocks.0.attn.z']
    expect(Array.from(data, (_, i) => data[i])).toEqual(
      Array.from(data, (_, i) => (Math.floor(i / shape[3]) % 2 === 1 ? 10 : 20)),
    )
  })

  it('is that in which a source is read', async () => {
    const swapped = patch(at(model, 'blocks.1.attn.z'), activation({ of: heads }), block)
    const cache = await read([swapped])
    const [from, to] = [cache['blocks.0.attn.z'], cache['blocks.1.attn.z']]
    const width = from.shape[3]
    expect(Array.from(to.data)).toEqual(
      Array.from(to.data, (_, i) => from.data[Math.floor(i / width) % 2 === 0 ? i + width : i - width]),
    )
  })

  it('comes before a shift: token 3, one earlier, is token 2', async () => {
    const token = activation({ of: at(model, 'blocks.0.attn.z', { pos: 3 }), shift: 1 })
    const cache = await read([patch(at(model, 'blocks.1.attn.z'), token, block)])
    const [from, to] = [cache['blocks.0.attn.z'], cache['blocks.1.attn.z']]
    const row = from.shape[2] * from.shape[3]
    expect(Array.from(to.data.slice(0, row))).toEqual(Array.from(from.data.slice(2 * row, 3 * row)))
  })
})

it('a gradient that is written where none arrives goes on to what was added there, each point by itself', async () => {
  const learned = attentionOnly({
    layers: 1,
    heads: 1,
    dModel: 4,
    positions: 'learned',
    inputs: { kind: 'tokens', vocab: 5 },
  })
  const interventions = [
    clamp(at(learned, 'grad(blocks.0.resid_pre)', { replica: 'other' }), -0.8),
    ablate(at(learned, 'grad(embed)', { replica: 'other' }), { order: 1 }),
  ]
  const { receipts } = await runWithCache(learned, weightsOf(learned, 1), inputsOf(learned), {
    cache: ['other/embed' as 'embed'],
    interventions,
    engine: 'reference',
  })
  expect(receipts.map(({ largestChange }) => largestChange)).toEqual([0.8, 0.8])
})
