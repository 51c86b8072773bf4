import type { InterventionBase, InterventionOptions, Site } from '../define.ts'
import { knownKind, make } from '../form.ts'
import { emitSource } from '../sources/index.ts'

/** Sets the selected elements to zero. */
export interface Ablate extends InterventionBase {
  readonly kind: 'ablate'
}

/**
 * Sets the selected elements to zero; no gradient reaches what they were. Ablating a head's `attn.v` takes away all it
 * contributes and freezes its weights; its pattern is computed only if someone reads it. [Singh et al. 2024,
 * `ablate_heads`]
 *
 * @example
 * import { ablate, at, attentionOnly, except } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const onlyHead3 = ablate(at(model, 'blocks.1.attn.v', { head: except(3) }))
 */
export function ablate(at: Site, options: InterventionOptions = {}): Ablate {
  return make(ablateKind, at, {}, options)
}

export const ablateKind = knownKind<Ablate>({
  kind: 'ablate',
  fields: {},
  splice: (_, site) => site.overwrite(emitSource({ from: 'number', value: 0 }, site), 'block'),
})
