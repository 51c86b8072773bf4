import fc from 'fast-check'
import {
  ablate,
  activation,
  at,
  clamp,
  copyFrom,
  during,
  duringSteps,
  except,
  forbid,
  type Intervention,
  induction,
  match,
  patch,
  previousToken,
  range,
  runWithCache,
  scale,
  tensor,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { stableHash } from '../../src/core/canonical.ts'
import { isOpen } from '../../src/interventions/schedule.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model, 3)
const scores = at(model, 'blocks.1.attn.scores', { head: 1 })

const every: Record<string, Intervention> = {
  ablate: ablate(at(model, 'blocks.1.attn.v', { head: except(0), pos: range(1, 3) }), { when: during(0, 9), order: 1 }),
  'clamp to a number': clamp(at(model, 'embed', { d_model: [0, -1] }), -0, { gradient: 'straight-through' }),
  'clamp to an array': clamp(
    at(model, 'blocks.0.attn.z', { head: 1 }),
    tensor([4], new Float32Array([0.1, -0, 3e-9, 7])),
  ),
  'clamp to the previous token': clamp(at(model, 'blocks.0.attn.pattern'), previousToken({ strength: 0.3 })),
  'clamp to induction': clamp(at(model, 'blocks.1.attn.pattern', { query: 'last' }), induction({ strength: 0.7 })),
  'clamp to match': clamp(at(model, 'blocks.1.attn.pattern', { query: 'last' }), match({ temperature: 0.2 })),
  forbid: forbid(at(model, 'blocks.0.attn.scores', { head: 0 }), { edges: 'previous-token', phase: ['eval'] }),
  patch: patch(at(model, 'blocks.1.attn.q'), activation({ of: at(model, 'blocks.1.attn.k'), shift: 1 }), {
    gradient: 'source',
  }),
  'patch of copied logits': patch(at(model, 'logits'), copyFrom(scores), { gradient: 'source' }),
  scale: scale(scores, 1 / 3, { optional: true }),
  'a gradient': scale(at(model, 'grad(blocks.0.resid_post)'), -2),
}

/** The same value with the keys of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, turned(field)]),
  )
}

describe.each(Object.entries(every))('%s', (_, one) => {
  const names = ['logits', 'loss', 'grad(blocks.0.attn.q)', 'grad(embed)'] as const
  const run = (intervention: Intervention, engine: 'wasm' | 'reference') =>
    runWithCache(model, weightsOf(model), inputs, { cache: names, interventions: [intervention], engine })

  it('is the same run from JSON, to the bit', async () => {
    const copy = JSON.parse(JSON.stringify(one))
    for (const engine of ['wasm', 'reference'] as const) expect(await run(copy, engine)).toEqual(await run(one, engine))
    expect(JSON.stringify(JSON.parse(JSON.stringify(copy)))).toBe(JSON.stringify(copy))
  })

  it('has one hash, whatever the order of keys', () => {
    expect(stableHash(turned(one))).toBe(stableHash(one))
    expect(stableHash(JSON.parse(JSON.stringify(one)))).toBe(stableHash(one))
    expect(stableHash({ ...one, order: 77 })).not.toBe(stableHash(one))
  })
})

it('hashes do not change between versions', () => {
  expect(stableHash(every.scale)).toMatchInlineSnapshot(
    `"d5dc718eb05806d25dd311a1c483a7d3093d3e2ea9cc7a403c0c985ff7c02c25"`,
  )
})

describe('a window', () => {
  it('is open from its first step up to, not including, its last', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.option(fc.integer({ min: 1, max: 200 })),
        fc.integer({ min: 1, max: 40 }),
        (from, length, batch) => {
          const to = length === null ? undefined : from + length
          for (let step = 0; step < 30; step++) {
            const seen = step * batch
            expect(isOpen(during(from, to), { step, batch })).toBe(seen >= from && (to === undefined || seen < to))
            expect(isOpen(duringSteps(from, to), { step, batch })).toBe(step >= from && (to === undefined || step < to))
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('changes at its edges and only there', () => {
    const at = (step: number) => [duringSteps(3, 6), during(96, 192)].map((when) => isOpen(when, { step, batch: 32 }))
    expect([2, 3, 4, 5, 6, 7].map(at)).toEqual([false, true, true, true, false, false].map((open) => [open, open]))
    // Between two steps an edge in sequences falls on the later one.
    expect([2, 3, 4, 5].map((step) => isOpen(during(65, 97), { step, batch: 32 }))).toEqual([false, true, false, false])
  })
})
