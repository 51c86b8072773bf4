import type { Model } from '../../architectures/define.ts'
import { nothing, oneOf, optional } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { siteAtScores } from '../at.ts'
import type { InterventionBase, InterventionOptions, Site, SiteContext, Written } from '../define.ts'
import { edgesOf } from '../elements.ts'
import { knownKind, make } from '../form.ts'
import { emitSource } from '../sources/index.ts'

/** A forbidden score: 0 after the softmax, yet above the causal mask. [Singh et al. 2024, its code] */
const FORBIDDEN = -1e9

/** Without a softmax a score is a weight: a forbidden edge has weight 0, as under a causal mask. */
function forbidden({ model, point }: SiteContext): number {
  return Math.max(FORBIDDEN, model.hookPoints.get(point)?.hidden ?? FORBIDDEN)
}

/** Takes attention edges away, before the softmax. */
export interface Forbid extends InterventionBase {
  readonly kind: 'forbid'
  readonly edges?: 'previous-token'
}

/**
 * Forbids attention edges: the selected `attn.scores` become −1e9, so that the softmax spreads the attention over the
 * remaining edges (in linear attention 0, so that the edges weigh nothing). Gradient flows through the remaining edges as usual. Edges
 * are the selected (query, key) pairs; with `edges: 'previous-token'`, only the pairs that look one token back. Edges that the causal
 * mask hides stay hidden.
 * [Singh et al. 2024, `disallow_prev_token_heads`, `final_layer_silence_non_label_attn`]
 *
 * @throws OpsinError `VALUE` anywhere but at `attn.scores`. A run throws `NO_EFFECT` when no edge is selected, and `VALUE`
 * when a query would have nothing left to attend to, be it by several of them together.
 * @example
 * import { at, attentionOnly, forbid } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const noLookBack = forbid(at(model, 'blocks.0.attn.scores'), { edges: 'previous-token' })
 */
export function forbid(at: Site, options: InterventionOptions & { readonly edges?: 'previous-token' } = {}): Forbid {
  return make(forbidKind, at, {}, options)
}

export const forbidKind = knownKind<Forbid>({
  kind: 'forbid',
  fields: { edges: optional({ ...oneOf('previous-token'), expected: '"previous-token", or nothing' }) },
  narrower: {
    at: siteAtScores('a site at attn.scores'),
    causal: optional(nothing('nothing, since what the causal mask hides cannot be attended to anyway')),
  },
  edges: ({ edges }) => edges,
  splice: (_, site) => site.overwrite(emitSource({ from: 'number', value: forbidden(site) }, site), 'block'),
  together: requireKeysLeft,
})

/** Every query of every sequence and head has a key left under all these interventions together. */
function requireKeysLeft(all: readonly Written[], where: string, model: Model, shape: readonly number[]): void {
  const [batch, heads, queries, keys] = shape
  const seen = new Set<string>()
  for (let cell = 0; cell < batch * heads; cell++) {
    const [sequence, head] = [Math.floor(cell / heads), cell % heads]
    const here = all.filter(({ elements: { indices } }) => indices[0].includes(sequence) && indices[1].includes(head))
    // Cells that the same interventions reach have the same edges left.
    const key = here.map(({ index }) => index).join()
    if (seen.has(key)) continue
    seen.add(key)
    const forbidden = new Set(here.flatMap(({ elements }) => edgesOf(elements).map(([q, k]) => q * keys + k)))
    for (let query = 0; query < queries; query++) {
      const visible = model.causal ? query + 1 : keys
      if (Array.from({ length: visible }, (_, k) => k).some((k) => !forbidden.has(query * keys + k))) continue
      throw new OpsinError('VALUE', {
        where: `${where}: interventions[${here.map(({ index }) => index).join('], interventions[')}]`,
        expected: 'at least one key left for each query',
        got: `none for query ${query} of head ${head}`,
        hint: 'Leave the query itself selected out, or ablate the head instead.',
      })
    }
  }
}
