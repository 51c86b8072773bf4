import fc from 'fast-check'
import {
  ablate,
  activation,
  at,
  attentionOnly,
  clamp,
  type Intervention,
  type Model,
  patch,
  previousToken,
  runWithCache,
  scale,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { runIntervened } from '../support/intervened.ts'
import { siteAt } from '../support/interventions.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'
import { writtenElements } from '../support/selection.ts'

const model = tinyModel()
const inputs = inputsOf(model, 2)
const weights = weightsOf(model, 2)
const points = [...model.hookPoints.keys()].filter((point) => point !== 'loss')
const engines = ['wasm', 'reference'] as const
const LENGTH = 5

type Point = 'logits'

async function cacheOf(
  interventions: readonly Intervention[],
  engine: (typeof engines)[number] = 'reference',
  of: Model = model,
) {
  const names = [...of.hookPoints.keys()] as Point[]
  return (await runWithCache(of, weightsOf(of, 2), inputs, { cache: names, interventions, engine })).cache as Record<
    string,
    { shape: readonly number[]; data: ArrayLike<number> }
  >
}

describe.each(engines)('an overwrite, %s', (engine) => {
  it('changes what it selects, nothing else there, and nothing before', async () => {
    const clean = await cacheOf([], engine)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...points).chain((point) => siteAt(model, point, LENGTH)),
        async (site) => {
          const clamped = await cacheOf([clamp(site, 0.625)], engine)
          const { shape, data } = clamped[site.point]
          const old = clean[site.point].data
          const chosen = writtenElements(model, site, shape, LENGTH)
          expect(Array.from(data)).toEqual(Array.from(old, (value, i) => (chosen[i] ? 0.625 : value)))
          for (const name of points.slice(0, points.indexOf(site.point))) {
            // q, k and v are computed side by side.
            expect(clamped[name].data, name).toEqual(clean[name].data)
          }
        },
      ),
      { numRuns: 15 },
    )
  })
})

describe('zero gradients are exact', () => {
  /** Columns (of q, k, v) or rows (of out) of one head: all zero, or not. */
  function zeros(list: readonly Intervention[], name: string, head: number): boolean {
    const gradient = runIntervened(model, inputs, list, weights)(`grad(blocks.1.attn.${name}.weight)`)
    const own = gradient.filter((_, i) => Math.floor((name === 'out' ? Math.floor(i / 8) : i % 8) / 4) === head)
    expect(own).toHaveLength(32)
    return own.every((value) => value === 0)
  }
  const all = ['q', 'k', 'v', 'out']

  it.each(['v', 'z'] as const)('ablating a head at %s freezes its four matrices, and no other', (point) => {
    const list = [ablate(at(model, `blocks.1.attn.${point}`, { head: 1 }))]
    expect(all.map((name) => zeros(list, name, 1))).toEqual([true, true, true, true])
    expect(all.map((name) => zeros(list, name, 0))).toEqual([false, false, false, false])
  })

  it('a constant pattern freezes queries and keys; values and output go on learning', () => {
    const list = [clamp(at(model, 'blocks.1.attn.pattern', { head: 0 }), previousToken({ strength: 0.5 }))]
    expect(all.map((name) => zeros(list, name, 0))).toEqual([true, true, true, true].map((_, i) => i < 2))
    expect(all.map((name) => zeros(list, name, 1))).toEqual([false, false, false, false])
  })

  it('a clamp of what a head mixes freezes all but its output', () => {
    const z = at(model, 'blocks.1.attn.z')
    const list = [clamp(z, 0.5)]
    expect(all.map((name) => zeros(list, name, 0))).toEqual([true, true, true, false])
  })
})

describe('interventions on gradients', () => {
  const gradientsOf = (list: readonly Intervention[]) => {
    const names = [...model.hookPoints.keys()].map((name) => `grad(${name})` as 'grad(logits)')
    return runWithCache(model, weights, inputs, { cache: names, interventions: list, engine: 'reference' })
  }

  it.each(['blocks.1.attn_out', 'blocks.0.attn.result', 'blocks.1.attn.q'] as const)(
    'reach what is before %s',
    async (point) => {
      const clean = (await gradientsOf([])).cache as Record<string, { data: ArrayLike<number> }>
      const doubled = (await gradientsOf([scale(at(model, `grad(${point})`), 2)])).cache as typeof clean
      const cut = (await gradientsOf([ablate(at(model, `grad(${point})`))])).cache as typeof clean
      const own = `grad(${point})`
      expect(Array.from(doubled[own].data)).toEqual(Array.from(clean[own].data, (value) => 2 * value))
      expect(Array.from(cut[own].data).every((value) => value === 0)).toBe(true)
      expect(doubled['grad(logits)'].data).toEqual(clean['grad(logits)'].data)
      const before = point.replace(/attn_out|attn\.\w+/, 'resid_pre')
      expect(doubled[`grad(${before})`].data).not.toEqual(clean[`grad(${before})`].data)
    },
  )

  it('scale what trains exactly', async () => {
    const z = 'grad(blocks.1.attn.z)' as const
    const clean = (await gradientsOf([])).cache as Record<string, { data: ArrayLike<number> }>
    const doubled = (await gradientsOf([scale(at(model, 'grad(blocks.1.attn.result)'), 2)])).cache as typeof clean
    expect(Array.from(doubled[z].data)).toEqual(Array.from(clean[z].data, (value) => 2 * value))
  })

  it('tell the main pass from another with the same values', async () => {
    const list = [patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: 'clean' }), { gradient: 'source' })]
    const name = 'grad(blocks.0.attn.q)'
    const main = (await gradientsOf(list)).cache[name as 'grad(logits)']
    const cut = (await gradientsOf([{ ...list[0], gradient: 'block' } as Intervention])).cache[name as 'grad(logits)']
    expect(main.data).toEqual(cut.data)
    const site = { point: name, replica: 'clean' }
    const silenced = runWithCache(model, weights, inputs, {
      interventions: [...list, ablate(site)],
      engine: 'reference',
    })
    expect((await silenced).receipts[1].largestChange).toBeGreaterThan(0)
  })
})

describe('order', () => {
  const heads = [0, 1].map((head) => clamp(at(model, 'blocks.0.attn.z', { head }), 0.1 + head))
  const others = [scale(at(model, 'embed'), 1.5), ablate(at(model, 'blocks.1.attn.v', { head: 0, pos: 'labels' }))]

  it.each(engines)('of the list does not matter where elements differ, %s', async (engine) => {
    const list = [...heads, ...others]
    const one = await cacheOf(list, engine)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(list, { minLength: list.length }), async (shuffled) => {
        expect(await cacheOf(shuffled, engine)).toEqual(one)
      }),
      { numRuns: 5 },
    )
  })

  it('decides where they are the same: the higher has the last word, wherever it stands', async () => {
    const low = clamp(at(model, 'blocks.0.attn.z', { head: 0 }), 1, { order: 1 })
    const high = clamp(at(model, 'blocks.0.attn.z', { pos: 1 }), 2, { order: 2 })
    for (const list of [
      [low, high],
      [high, low],
    ]) {
      const { shape, data } = (await cacheOf(list))['blocks.0.attn.z']
      const first = writtenElements(model, low.at, shape, LENGTH)
      const second = writtenElements(model, high.at, shape, LENGTH)
      Array.from(data).forEach((value, i) => {
        if (second[i]) expect(value).toBe(2)
        else if (first[i]) expect(value).toBe(1)
      })
    }
  })
})

describe('an order', () => {
  const conflicts: [string, Intervention, Intervention, boolean][] = [
    [
      'the same head',
      ablate(at(model, 'blocks.0.attn.v', { head: 1 })),
      scale(at(model, 'blocks.0.attn.v', { head: -1 }), 2),
      true,
    ],
    ['the whole and a part', ablate(at(model, 'embed')), clamp(at(model, 'embed', { pos: 'last' }), 1), true],
    [
      'a word and an index',
      ablate(at(model, 'embed', { pos: 'query' })),
      clamp(at(model, 'embed', { pos: 4 }), 1),
      true,
    ],
    [
      'the read-out by two names',
      ablate(at(model, 'logits', { pos: 0 })),
      clamp(at(model, 'logits', { pos: 'last' }), 1),
      true,
    ],
    [
      'axes that meet in part',
      ablate(at(model, 'embed', { pos: 1 })),
      clamp(at(model, 'embed', { d_model: 1 }), 1),
      true,
    ],
    ['gradients', ablate(at(model, 'grad(embed)')), scale(at(model, 'grad(embed)'), 2), true],
    [
      'other positions',
      ablate(at(model, 'embed', { pos: 'labels' })),
      clamp(at(model, 'embed', { pos: 'exemplars' }), 1),
      false,
    ],
    ['value and gradient', ablate(at(model, 'embed')), scale(at(model, 'grad(embed)'), 2), false],
    [
      'another phase',
      ablate(at(model, 'embed'), { phase: ['train'] }),
      scale(at(model, 'embed'), 2, { phase: ['eval'] }),
      true,
    ],
  ]
  it.each(conflicts)('is asked for on %s', async (_, one, other, conflict) => {
    for (const list of [
      [one, other],
      [other, one],
    ]) {
      const run = runWithCache(model, weights, inputs, { interventions: list, engine: 'reference' })
      if (conflict) await expect(run).rejects.toThrow(/interventions\[0\] and interventions\[1\].*\[CONFLICT\]/)
      else await run
    }
  })
})

describe('nothing future is seen', () => {
  it('whatever scores are scaled, forbidden or patterns clamped to the previous token', async () => {
    const causal = attentionOnly({
      layers: 2,
      heads: 2,
      dModel: 4,
      inputs: { kind: 'tokens', vocab: 5 },
      readout: 'all',
    })
    const given = inputsOf(causal, 1)
    const list = [
      scale(at(causal, 'blocks.0.attn.scores'), 3),
      clamp(at(causal, 'blocks.1.attn.pattern'), previousToken()),
    ]
    const read = async (inputs: typeof given) =>
      (await runWithCache(causal, weightsOf(causal), inputs, { interventions: list })).cache.logits.data
    const tokens = { ...given.tokens, data: given.tokens.data.slice() }
    tokens.data[3] = (tokens.data[3] + 1) % 5
    expect((await read({ ...given, tokens })).slice(0, 15)).toEqual((await read(given)).slice(0, 15))
  })
})
