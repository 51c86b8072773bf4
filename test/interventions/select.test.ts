import fc from 'fast-check'
import { at, attentionOnly, except, range } from 'opsin'
import { describe, expect, it } from 'vitest'
import { indicesOf } from '../../src/interventions/select.ts'
import { isSelected } from '../support/selection.ts'

const positions = { last: [4], query: [4], exemplars: [0, 2, 4], labels: [1, 3] }
const context = { where: 'here', axis: 'pos', size: 5, positions } as const
const index = fc.integer({ min: -5, max: 4 })

const selection = fc.oneof(
  index,
  fc.array(index, { minLength: 1, maxLength: 6 }),
  fc.array(index, { maxLength: 4 }).map((list) => except(...list)),
  index.map((one) => ({ except: one })),
  fc.tuple(index, fc.integer({ min: -5, max: 5 })).map(([from, to]) => range(from, to)),
  fc.constantFrom('last', 'query', 'exemplars', 'labels'),
)

describe('a selection', () => {
  it('names the indices that the slow rule says, in its order, each once; null for all in turn, an error for none', () => {
    fc.assert(
      fc.property(selection, (chosen) => {
        const inside = [0, 1, 2, 3, 4].filter((i) => isSelected(chosen, i, 5, positions))
        const wanted = Array.isArray(chosen) ? [...new Set(chosen.map((i) => (i + 5) % 5))] : inside
        if (wanted.length === 0) expect(() => indicesOf(chosen, context)).toThrow(/"pos".*\[NO_EFFECT\]/)
        else expect(indicesOf(chosen, context)).toEqual(wanted.join() === '0,1,2,3,4' ? null : wanted)
      }),
      { numRuns: 500 },
    )
  })

  it('of nothing said is everything', () => expect(indicesOf(undefined, context)).toBe(null))

  it.each<[unknown, RegExp]>([
    [5, /from 0 to 4, got 5.*\[VALUE\]/],
    [-6, /got -6.*\[VALUE\]/],
    [1.5, /got 1.5.*\[VALUE\]/],
    [Number.NaN, /got NaN.*\[VALUE\]/],
    [[0, 7], /got 7.*\[VALUE\]/],
    [['0'], /\[VALUE\]/],
    [except(5), /got 5.*\[VALUE\]/],
    [{ except: '1' }, /\[VALUE\]/],
    [{ except: null }, /\[VALUE\]/],
    [{ except: [[1]] }, /\[VALUE\]/],
    [range(0, 6), /got 6.*\[VALUE\]/],
    [{ from: 0, to: null }, /\[VALUE\]/],
    [{ from: 1 }, /except\(…\), range\(…\) or a word.*\[VALUE\]/],
    [{}, /\[VALUE\]/],
    [null, /got null.*\[VALUE\]/],
    [true, /got true.*\[VALUE\]/],
    ['lst', /"lst".*Nearest: last.*\[NAME\]/],
    ['constructor', /"constructor".*\[NAME\]/],
    [[], /got \[\].*\[NO_EFFECT\]/],
    [except(0, 1, 2, 3, 4), /\[NO_EFFECT\]/],
    [range(3, 3), /\[NO_EFFECT\]/],
  ])('%o is refused', (chosen, message) => {
    expect(() => indicesOf(chosen as number, context)).toThrow(message)
  })

  it('by a word is for positions alone', () => {
    const heads = { where: 'here', axis: 'head', size: 2, positions } as const
    expect(() => indicesOf('last', heads)).toThrow(/numbers for the axis "head".*Words name positions.*\[VALUE\]/)
  })
})

describe('at', () => {
  const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
  const wrong =
    (point: string, options: object = {}) =>
    () =>
      at(model, point as 'embed', options)

  it.each<[() => unknown, RegExp]>([
    [wrong('blocks.0.attn.patern'), /"blocks.0.attn.patern".*Nearest: blocks.0.attn.pattern.*\[NAME\]/],
    [wrong('blocks.2.attn.q'), /Nearest: blocks.\d.attn.\w.*\[NAME\]/],
    [wrong('blocks.0.mlp.pre'), /\[NAME\]/],
    [wrong('pos_embed'), /Nearest: embed.*\[NAME\]/],
    [wrong('grad(blocks.0.attn.patern)'), /Nearest: grad\(blocks.0.attn.pattern\).*\[NAME\]/],
    [wrong('grad(grad(embed))'), /\[NAME\]/],
    [wrong('constructor'), /\[NAME\]/],
    [wrong('blocks.0.resid_post', { head: 2 }), /it has batch, pos, d_model.*"head".*\[NAME\]/],
    [wrong('blocks.0.attn.q', { hed: 0 }), /"hed".*Nearest: head.*\[NAME\]/],
    [wrong('blocks.0.attn.q', { head: 2 }), /"head" from 0 to 1, got 2.*\[VALUE\]/],
    [wrong('blocks.0.attn.q', { head: -3 }), /got -3.*\[VALUE\]/],
    [wrong('blocks.0.attn.q', { head: [] }), /\[NO_EFFECT\]/],
    [wrong('embed', { replica: 'Clean Pass' }), /replica named in lower case.*\[VALUE\]/],
    [wrong('embed', { replica: '' }), /\[VALUE\]/],
    [wrong('embed', { replica: 3 }), /\[VALUE\]/],
  ])('%# is refused', (make, message) => expect(make).toThrow(message))

  it('gives plain JSON', () => {
    const site = at(model, 'blocks.1.attn.pattern', { head: except(1), query: 'last', replica: 'clean' })
    expect(JSON.parse(JSON.stringify(site))).toEqual(site)
    expect(site).toEqual({
      point: 'blocks.1.attn.pattern',
      replica: 'clean',
      select: { head: { except: [1] }, query: 'last' },
    })
  })
})
