import { fraction, notNegative, optional, type Rule, readOptions } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'
import type { SiteContext } from '../define.ts'
import { knownSource } from './define.ts'

/** A perfect previous-token pattern. */
export interface PreviousTokenSource {
  readonly from: 'previous-token'
  readonly strength: number
}

/** A perfect induction pattern for the query. */
export interface InductionSource {
  readonly from: 'induction'
  readonly strength: number
}

/** Attention by the similarity of input exemplars, for the query. */
export interface MatchSource {
  readonly from: 'match'
  readonly temperature: number
}

const aStrength: Rule<number> = { ...fraction, expected: 'a strength from 0 to 1' }
const aTemperature: Rule<number> = { ...notNegative, expected: 'a temperature of 0 or more' }

/**
 * A pattern in which each token attends to the one before it with `strength` (0 to 1, default 1) and to itself with the
 * rest; the first attends to itself. [Singh et al. 2024, `prev_token_heads`]
 *
 * @throws OpsinError `VALUE` for a strength outside 0 to 1.
 * @example
 * import { at, attentionOnly, clamp, previousToken } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * clamp(at(model, 'blocks.0.attn.pattern', { head: 2, query: 'labels' }), previousToken({ strength: 0.9 }))
 */
export function previousToken(options: { readonly strength?: number } = {}): PreviousTokenSource {
  const { strength } = readOptions('previousToken', options, { strength: optional(aStrength, 1) })
  return { from: 'previous-token', strength }
}

/**
 * A pattern in which the query attends to the context labels that are its answer with `strength` in all (0 to 1,
 * default 1) and to the other labels with the rest, evenly within both; for any number of pairs. With two pairs the
 * induction strength that papers plot is 2·strength − 1. [Singh et al. 2024, `induction_heads`]
 *
 * @throws OpsinError `VALUE` for a strength outside 0 to 1.
 * @example
 * import { at, attentionOnly, clamp, induction } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * clamp(at(model, 'blocks.1.attn.pattern', { head: 3, query: 'last' }), induction())
 */
export function induction(options: { readonly strength?: number } = {}): InductionSource {
  const { strength } = readOptions('induction', options, { strength: optional(aStrength, 1) })
  return { from: 'induction', strength }
}

/**
 * A pattern in which the query attends to the label after each exemplar by softmax(cosine(exemplar, query) /
 * `temperature`) over the raw input features; temperature 0 (the default) is a hard maximum, ties 1 each.
 * [Singh et al. 2024, `match_heads`]
 *
 * @throws OpsinError `VALUE` for a negative temperature.
 * @example
 * import { at, attentionOnly, clamp, match } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * clamp(at(model, 'blocks.1.attn.pattern', { head: 2, query: 'last' }), match({ temperature: 0.1 }))
 */
export function match(options: { readonly temperature?: number } = {}): MatchSource {
  const { temperature } = readOptions('match', options, { temperature: optional(aTemperature, 0) })
  return { from: 'match', temperature }
}

export const previousTokenSource = knownSource<PreviousTokenSource>({
  from: 'previous-token',
  fields: { strength: aStrength },
  emit({ strength }, site) {
    requirePattern('previousToken', site)
    const node = site.builder.op('previous-token-pattern', [], { length: site.shape[3], strength })
    return { node, causal: true }
  },
})

export const inductionSource = knownSource<InductionSource>({
  from: 'induction',
  fields: { strength: aStrength },
  emit({ strength }, site) {
    requireQueryRow('induction', site)
    const inputs = ['labels', 'targets'].map((name) => site.builder.inputId(name))
    if (site.builder.node(inputs[1]).shape.length !== 1) {
      throw new OpsinError('VALUE', {
        where: site.where,
        expected: 'a model that answers at the last position alone for induction()',
        got: 'one with a target for every position',
      })
    }
    return { node: site.builder.op('induction-pattern', inputs, { strength }), causal: true }
  },
})

export const matchSource = knownSource<MatchSource>({
  from: 'match',
  fields: { temperature: aTemperature },
  emit({ temperature }, site) {
    requireQueryRow('match', site)
    const { builder } = site
    const exemplars = builder.op('gather', [builder.inputId('features'), builder.inputId('exemplars')])
    return { node: builder.op('match-pattern', [exemplars], { temperature }), causal: true }
  },
})

function requirePattern(name: string, { pointKind, where }: SiteContext): void {
  if (pointKind === 'attn.pattern') return
  throw new OpsinError('VALUE', {
    where,
    expected: `attn.pattern, since ${name}() makes attention patterns`,
    got: pointKind,
  })
}

/** The pattern holds for the query alone: in any other row it would look ahead. */
function requireQueryRow(name: string, site: SiteContext): void {
  requirePattern(name, site)
  const { model, where, selected, shape } = site
  const kind = (model.config.inputs as { kind?: string } | undefined)?.kind
  if (kind !== 'exemplars') {
    throw new OpsinError('VALUE', {
      where,
      expected: `a model of exemplars and labels for ${name}()`,
      got: show(kind),
    })
  }
  const rows = selected[2]
  if (rows?.length === 1 && rows[0] === shape[2] - 1) return
  throw new OpsinError('VALUE', {
    where,
    expected: `the query's row alone for ${name}()`,
    got: rows === null ? 'all rows' : `rows ${rows.join(', ')}`,
    hint: "Select it with { query: 'last' }.",
  })
}
