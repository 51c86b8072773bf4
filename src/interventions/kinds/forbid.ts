import { OpsinError } from '../../core/errors.ts'
import {
  type InterventionBase,
  type InterventionKind,
  type InterventionOptions,
  interventionVersion,
  type Site,
} from '../define.ts'

/** What a forbidden score becomes: nothing after the softmax, yet above the causal mask. [Singh et al. 2024, its code] */
const FORBIDDEN = -1e9

/** Takes attention edges away, before the softmax. */
export interface Forbid extends InterventionBase {
  readonly kind: 'forbid'
  readonly edges?: 'previous-token'
}

/**
 * Forbids attention edges: the selected `attn.scores` become −1e9, so that the softmax spreads the attention over the
 * edges that are left; gradient flows through those as ever. Edges are the selected (query, key) pairs, or with
 * `edges: 'previous-token'` those of them that look one token back. What the causal mask hides stays hidden.
 * [Singh et al. 2024, `disallow_prev_token_heads`, `final_layer_silence_non_label_attn`]
 *
 * @throws OpsinError `VALUE` anywhere but at `attn.scores`; `NO_EFFECT` when no edge is selected; `VALUE` when a query
 * would have nothing left to attend to.
 * @example
 * import { at, attentionOnly, forbid } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const noLookBack = forbid(at(model, 'blocks.0.attn.scores'), { edges: 'previous-token' })
 */
export function forbid(at: Site, options: InterventionOptions & { readonly edges?: 'previous-token' } = {}): Forbid {
  return { version: interventionVersion, kind: 'forbid', at, ...options }
}

export const forbidKind: InterventionKind<Forbid> = {
  kind: 'forbid',
  fields: ['edges'],
  splice({ edges }, site) {
    const where = `forbid ${site.where}`
    if (site.pointKind !== 'attn.scores') {
      throw new OpsinError('VALUE', { where, expected: 'a site at attn.scores', got: site.pointKind })
    }
    if (edges !== undefined && edges !== 'previous-token') {
      throw new OpsinError('VALUE', { where, expected: 'edges "previous-token", or none', got: JSON.stringify(edges) })
    }
    const causal = site.model.config.causal !== false
    requireEdgesLeft(where, site.shape[2], site.shape[3], (query, key) => {
      if (causal && key > query) return 'hidden'
      const selected = (site.selected[2]?.includes(query) ?? true) && (site.selected[3]?.includes(key) ?? true)
      return selected && (edges === undefined || key === query - 1) ? 'forbidden' : 'open'
    })
    const low = site.builder.op('constant', [], { shape: [1, 1, 1, 1], value: FORBIDDEN })
    return site.overwrite(low, 'block', edges ?? (causal ? 'causal' : undefined))
  },
}

function requireEdgesLeft(
  where: string,
  queries: number,
  keys: number,
  state: (query: number, key: number) => 'hidden' | 'forbidden' | 'open',
): void {
  let forbidden = 0
  for (let query = 0; query < queries; query++) {
    const states = Array.from({ length: keys }, (_, key) => state(query, key))
    forbidden += states.filter((s) => s === 'forbidden').length
    if (!states.includes('open')) {
      throw new OpsinError('VALUE', {
        where,
        expected: 'at least one key left for each query',
        got: `none for query ${query}`,
        hint: 'Leave the query itself selected out, or ablate the head instead.',
      })
    }
  }
  if (forbidden === 0) {
    throw new OpsinError('NO_EFFECT', { where, expected: 'at least one visible edge to forbid', got: 'none' })
  }
}
