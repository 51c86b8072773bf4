import fc from 'fast-check'
import {
  ablate,
  activation,
  at,
  attentionOnly,
  clamp,
  copyFrom,
  during,
  duringSteps,
  forbid,
  type Intervention,
  induction,
  match,
  OpsinError,
  patch,
  previousToken,
  runWithCache,
  scale,
  tensor,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model)
const sizes = model.sizes(inputs)
const build = (...list: unknown[]) =>
  intervene(withObjective(model), sizes, numbered(list as Intervention[]), { observed: ['logits'], gradients: true })

const pattern = at(model, 'blocks.1.attn.pattern', { head: 0, query: 'last' })
const scores = at(model, 'blocks.1.attn.scores', { head: 0 })
const clamped = clamp(pattern, induction())
const given = (change: object) => ({ ...clamped, ...change })

const refused: [string, unknown, RegExp][] = [
  ['nothing', null, /interventions\[0\].*\[FORMAT\]/],
  ['another version', given({ version: 1 }), /version 2, got 1.*\[FORMAT\]/],
  ['no version', given({ version: undefined }), /\[FORMAT\]/],
  ['an unknown kind', given({ kind: 'clmp' }), /"clmp".*Nearest: clamp.*\[NAME\]/],
  ['an inherited kind', given({ kind: 'toString' }), /\[NAME\]/],
  ['no site', given({ at: undefined }), /\.at: expected a site.*\[VALUE\]/],
  ['an unknown point', given({ at: { point: 'blocks.1.attn.patern' } }), /Nearest: blocks.1.attn.pattern.*\[NAME\]/],
  ['an unknown axis', given({ at: { point: 'embed', select: { head: 0 } } }), /it has batch, pos, d_model.*\[NAME\]/],
  ['an unknown word', given({ at: { ...pattern, select: { query: 'lats' } } }), /Nearest: last.*\[NAME\]/],
  ['a selection that is none', given({ at: { ...pattern, select: { query: null } } }), /\[VALUE\]/],
  [
    'an index outside the batch',
    ablate({ point: 'embed', select: { batch: 2 } }),
    /"batch" from 0 to 1, got 2.*\[VALUE\]/,
  ],
  ['an unknown source', given({ source: { from: 'inductoin' } }), /"inductoin".*Nearest: induction.*\[NAME\]/],
  ['an inherited source', given({ source: { from: 'constructor' } }), /"constructor".*\[NAME\]/],
  ['no source', given({ source: undefined }), /expected a source.*\[VALUE\]/],
  [
    'a strength above one',
    given({ source: { from: 'induction', strength: 1.5 } }),
    /strength from 0 to 1, got 1.5.*\[VALUE\]/,
  ],
  ['no strength', given({ source: { from: 'induction' } }), /strength from 0 to 1, got nothing.*\[VALUE\]/],
  ['a negative temperature', given({ source: { from: 'match', temperature: -1 } }), /temperature.*\[VALUE\]/],
  [
    'induction in every row',
    clamp({ point: 'blocks.1.attn.pattern' }, induction()),
    /query's row alone.*all rows.*\{ query: 'last' \}.*\[VALUE\]/,
  ],
  ['induction in another row', clamp({ ...pattern, select: { query: 1 } }, induction()), /rows 1.*\[VALUE\]/],
  ['match in two rows', clamp({ ...pattern, select: { query: [3, 4] } }, match()), /rows 3, 4.*\[VALUE\]/],
  ['a pattern at scores', clamp(scores, previousToken()), /attn\.pattern.*got attn\.scores.*\[VALUE\]/],
  [
    'a pattern at a gradient',
    clamp({ point: 'grad(blocks.0.attn.pattern)' }, previousToken()),
    /got grad\(attn\.pattern\).*\[VALUE\]/,
  ],
  [
    'an array of another shape',
    clamp(pattern, tensor([3], new Float32Array(3))),
    /broadcasts to the selected \[2, 1, 1, 5\], got \[3\].*\[SHAPE\]/,
  ],
  ['an array that lies', given({ source: { from: 'array', shape: [5], values: [1] } }), /5 finite values.*\[VALUE\]/],
  ['an array of no shape', given({ source: { from: 'array', values: [1] } }), /\[VALUE\]/],
  ['an array of no values', given({ source: { from: 'array', shape: [1] } }), /\[VALUE\]/],
  ['a NaN', () => clamp(pattern, Number.NaN), /finite number, got NaN.*\[VALUE\]/],
  ['NaN in an array', () => clamp(pattern, tensor([1], new Float32Array([Number.NaN]))), /not finite.*\[VALUE\]/],
  ['an infinite factor', () => scale(pattern, Number.POSITIVE_INFINITY), /finite factor.*\[VALUE\]/],
  [
    'a patch without a rule',
    () => patch(pattern, activation({ replica: 'clean' }), {} as { gradient: 'block' }),
    /"block", "straight-through" or "source", got nothing.*\[GRADIENT\]/,
  ],
  ['a clamp with gradient to its source', given({ gradient: 'source' }), /"block" or "straight-through".*\[GRADIENT\]/],
  [
    'a source that depends on it',
    patch({ point: 'blocks.0.attn.q' }, activation({ of: { point: 'blocks.0.attn.rot_q' } }), { gradient: 'source' }),
    /patch at\(model, "blocks.0.attn.q"\).*depends on it.*\[VALUE\]/,
  ],
  [
    'a source of another shape',
    patch({ point: 'embed' }, activation({ of: { point: 'blocks.0.attn.q' } }), { gradient: 'block' }),
    /\[SHAPE\]/,
  ],
  [
    'a source from nowhere',
    patch({ point: 'embed' }, activation({ of: { point: 'embeds' } }), { gradient: 'block' }),
    /Nearest: embed.*\[NAME\]/,
  ],
  ['forbidding at a pattern', () => forbid(pattern), /attn\.scores.*\[VALUE\]/],
  [
    'forbidding at a gradient',
    () => forbid({ point: 'grad(blocks.0.attn.scores)' }),
    /got "grad\(blocks\.0\.attn\.scores\)".*\[VALUE\]/,
  ],
  ['forbidding everything', forbid(scores), /at least one key left.*none for query 0.*\[VALUE\]/],
  [
    'forbidding all a query sees',
    forbid({ ...scores, select: { query: 1, key: [0, 1] } }),
    /none for query 1.*\[VALUE\]/,
  ],
  ['forbidding what is hidden', forbid({ ...scores, select: { query: 1, key: 3 } }), /leaves visible.*\[NO_EFFECT\]/],
  ['forbidding unknown edges', { ...forbid(scores), edges: 'next-token' }, /"previous-token".*\[VALUE\]/],
  [
    'copying at a residual',
    patch({ point: 'embed' }, copyFrom(scores), { gradient: 'source' }),
    /the logits.*\[VALUE\]/,
  ],
  [
    'copying from two heads',
    patch({ point: 'logits' }, copyFrom({ point: 'blocks.1.attn.scores' }), { gradient: 'source' }),
    /one head.*\[VALUE\]/,
  ],
  [
    'copying from no scores',
    () => patch({ point: 'logits' }, copyFrom({ point: 'embed' }), { gradient: 'source' }),
    /attn\.scores of a head to copy from, got "embed".*\[VALUE\]/,
  ],
  ['an empty window', given({ when: { unit: 'steps', from: 3, to: 3 } }), /\.when: expected a window.*\[VALUE\]/],
  ['a window of days', given({ when: { unit: 'days', from: 0 } }), /\[VALUE\]/],
  ['a window that is none', given({ when: null }), /\[VALUE\]/],
  ['an unknown phase', given({ phase: ['test'] }), /\.phase.*\[VALUE\]/],
  ['no phase at all', given({ phase: [] }), /\.phase.*\[VALUE\]/],
  ['an order that is no number', given({ order: 'last' }), /\.order.*\[VALUE\]/],
  ['a word for yes or no', given({ optional: 'false' }), /\.optional: expected true or false.*\[VALUE\]/],
  ['a causality that is not given up', given({ causal: true }), /\.causal: expected false.*\[VALUE\]/],
  ['a clamp to what the network computes', given({ source: { from: 'activation' } }), /a constant source.*\[VALUE\]/],
  [
    'a patch from a constant',
    { ...patch(pattern, activation({ replica: 'a' }), { gradient: 'block' }), source: { from: 'number', value: 1 } },
    /a live source.*\[VALUE\]/,
  ],
  [
    'a selection of two forms',
    () => ablate({ point: 'embed', select: { pos: { except: 0, from: 0, to: 1 } as never } }),
    /except\(…\), range\(…\) or a word.*\[VALUE\]/,
  ],
  [
    'a value from a gradient',
    patch({ point: 'embed' }, activation({ of: { point: 'grad(embed)' } }), { gradient: 'block' }),
    /A gradient can be written to gradients alone.*\[VALUE\]/,
  ],
  ['causality where there is none', ablate({ point: 'embed' }, { causal: false }), /\.causal.*\[NO_EFFECT\]/],
  [
    'no edge that is visible',
    ablate({ point: 'blocks.0.attn.pattern', select: { query: 1, key: [2, 3] } }),
    /leaves visible.*causal: false.*\[NO_EFFECT\]/,
  ],
  ['a field that does not exist', given({ wen: during(0, 1) }), /"wen".*Nearest: when.*\[NAME\]/],
]

describe('an intervention is refused for', () => {
  it.each(refused)('%s', (_, one, message) => {
    const made = () => build(typeof one === 'function' ? one() : one)
    expect(made).toThrow(message)
    expect(made).toThrow(OpsinError)
  })

  it('makers that are told nonsense', () => {
    expect(() => previousToken({ strength: 2 })).toThrow(/previousToken: strength.*\[VALUE\]/)
    expect(() => induction({ strength: -0.1 })).toThrow(/induction: strength.*\[VALUE\]/)
    expect(() => match({ temperature: Number.NaN })).toThrow(/match: temperature.*\[VALUE\]/)
    expect(() => activation({ shift: -1 })).toThrow(/\[VALUE\]/)
    expect(() => during(-1)).toThrow(/during\(-1, the end\).*\[VALUE\]/)
    expect(() => during(5, 5)).toThrow(/\[VALUE\]/)
    expect(() => duringSteps(Number.NaN)).toThrow(/\[VALUE\]/)
    const untyped = (make: unknown, ...args: unknown[]) => (make as (...args: unknown[]) => unknown)(...args)
    expect(() => untyped(clamp, pattern)).toThrow(/a source.*got nothing.*\[VALUE\]/)
    expect(() => untyped(clamp)).toThrow(/clamp: expected a site.*\[VALUE\]/)
    expect(() => untyped(patch, pattern, activation({ replica: 'a' }))).toThrow(/gradient rule.*\[GRADIENT\]/)
    expect(() => untyped(ablate, pattern, { wen: during(0) })).toThrow(/"wen".*Nearest: when.*\[NAME\]/)
    expect(() => untyped(ablate, pattern, null)).toThrow(/options.*\[VALUE\]/)
    expect(() => untyped(induction, { strenght: 1 })).toThrow(/Nearest: strength.*\[NAME\]/)
    expect(() => untyped(build, 'ablate')).toThrow(/\[FORMAT\]/)
  })

  it('patterns that need labels, on a model of tokens', () => {
    const tokens = attentionOnly({ layers: 1, heads: 1, dModel: 4, inputs: { kind: 'tokens', vocab: 3 } })
    const site = at(tokens, 'blocks.0.attn.pattern', { query: 'last' })
    for (const source of [induction(), match()]) {
      const list = numbered([clamp(site, source)])
      const sizes = { batch: 1, length: 3 }
      expect(() => intervene(tokens, sizes, list, { observed: [], gradients: false })).toThrow(/exemplars.*\[VALUE\]/)
    }
    expect(() => at(tokens, 'embed', { pos: 'labels' })).not.toThrow()
  })
})

describe('malformed JSON', () => {
  const good: Intervention[] = [
    ablate(at(model, 'blocks.1.attn.v', { head: { except: [0] } }), { when: during(0, 9), phase: ['train'], order: 1 }),
    clamp(pattern, tensor([5], new Float32Array(5))),
    clamped,
    scale(at(model, 'embed', { pos: [0, -1] }), 2),
    forbid(scores, { edges: 'previous-token' }),
    patch(
      at(model, 'blocks.0.resid_post', { replica: 'a' }),
      activation({ of: at(model, 'blocks.0.resid_pre'), shift: 1 }),
      { gradient: 'source' },
    ),
    patch(at(model, 'logits'), copyFrom(scores), { gradient: 'source' }),
  ]
  const junk = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    99,
    '',
    'x',
    'constructor',
    [],
    [null],
    {},
    { from: 0 },
    undefined,
  )

  it('gives a typed error or runs, and nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), junk, (one, where, value) => {
        const copy = JSON.parse(JSON.stringify(one))
        const places: [Record<string, unknown>, string][] = []
        const walk = (node: Record<string, unknown>) => {
          for (const key of Object.keys(node)) {
            places.push([node, key])
            if (typeof node[key] === 'object' && node[key] !== null) walk(node[key] as Record<string, unknown>)
          }
        }
        walk(copy)
        const [node, key] = places[where % places.length]
        node[key] = value
        try {
          build(copy)
        } catch (error) {
          if (!(error instanceof OpsinError)) throw new Error(`${key} = ${JSON.stringify(value)}`, { cause: error })
          expect(error.code).not.toBe('INTERNAL')
        }
      }),
      { numRuns: 1500 },
    )
  })
})

it('runWithCache says what it does not find', async () => {
  const run = (options: object) => runWithCache(model, weightsOf(model), inputs, { engine: 'reference', ...options })
  await expect(run({ cache: ['blocks.0.attn.patern'] })).rejects.toThrow(/Nearest: blocks.0.attn.pattern.*\[NAME\]/)
  await expect(run({ cache: ['constructor'] })).rejects.toThrow(/\[NAME\]/)
  await expect(run({ interventions: { ablate: 1 } })).rejects.toThrow(/interventions: expected a list.*\[VALUE\]/)
  const lost = scale(at(model, 'embed', { replica: 'claen' }), 2)
  const kept = patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: 'clean' }), { gradient: 'block' })
  await expect(run({ interventions: [kept, lost] })).rejects.toThrow(/"claen".*Those are: main, clean.*\[NO_EFFECT\]/)
  await run({ interventions: [kept, lost], cache: ['claen/embed'] })
  await expect(run({ engine: 'wasmm' })).rejects.toThrow(/Nearest: wasm.*\[NAME\]/)
})
