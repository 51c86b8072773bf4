import { oneOf } from '../../core/check.ts'
import type { GradientRule, InterventionBase, InterventionOptions, Site } from '../define.ts'
import { knownKind, make } from '../form.ts'
import type { CustomSource } from '../sources/custom.ts'
import { emitSource, type LiveSource } from '../sources/index.ts'
import { aLiveSource } from '../sources/rule.ts'

/** Sets the selected elements to values that the network computes elsewhere on the same batch. */
export interface Patch extends InterventionBase {
  readonly kind: 'patch'
  readonly source: LiveSource | CustomSource
  readonly gradient: GradientRule
}

/**
 * Sets the selected elements to values that the same network computes elsewhere on the same batch: another replica (one named
 * anywhere comes into being, unmodified unless interventions name it too) or another point. Whether gradient flows into
 * that computation is a scientific choice, so it must be said: `block`, `straight-through` (straight through) or `source`.
 *
 * @throws OpsinError `GRADIENT` when the rule is missing.
 * @example
 * import { activation, at, attentionOnly, patch } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const frozenPatterns = patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: 'clean' }), { gradient: 'source' })
 */
export function patch(
  at: Site,
  source: LiveSource | CustomSource,
  options: InterventionOptions & { readonly gradient: GradientRule },
): Patch {
  return make(patchKind, at, { source }, options)
}

export const patchKind = knownKind<Patch>({
  kind: 'patch',
  fields: {
    source: aLiveSource,
    gradient: {
      ...oneOf('block', 'straight-through', 'source'),
      code: 'GRADIENT',
      expected: 'a gradient rule: "block", "straight-through" or "source"',
    },
  },
  splice: ({ source, gradient }, site) => site.overwrite(emitSource(source, site), gradient),
})
