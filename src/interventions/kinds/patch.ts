import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'
import type { GradientRule, InterventionBase, InterventionKind, InterventionOptions, Site } from '../define.ts'
import { make } from '../form.ts'
import type { CustomSource } from '../sources/custom.ts'
import { checkSource, emitSource, type LiveSource } from '../sources/index.ts'

/** Sets the selected elements to values that the network computes elsewhere on the same batch. */
export interface Patch extends InterventionBase {
  readonly kind: 'patch'
  readonly source: LiveSource | CustomSource
  readonly gradient: GradientRule
}

/**
 * Sets the selected elements to what the same network computes elsewhere on the same batch: another pass (one named
 * anywhere comes into being, unmodified unless interventions name it too) or another point. Whether gradient flows into
 * that computation is a scientific choice, so it must be said: `block`, `pass` (straight through) or `source`.
 *
 * @throws OpsinError `GRADIENT` when the rule is missing.
 * @example
 * import { activation, at, attentionOnly, patch } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const frozenPatterns = patch(at(model, 'blocks.1.attn.pattern'), activation({ pass: 'clean' }), { gradient: 'source' })
 */
export function patch(
  at: Site,
  source: LiveSource | CustomSource,
  options: InterventionOptions & { readonly gradient: GradientRule },
): Patch {
  return make(patchKind, at, { source }, options)
}

export const patchKind: InterventionKind<Patch> = {
  kind: 'patch',
  fields: ['source', 'gradient'],
  check({ source, gradient }, where) {
    checkSource('live', source, where)
    if (gradient !== 'block' && gradient !== 'pass' && gradient !== 'source') {
      throw new OpsinError('GRADIENT', {
        where,
        expected: 'a gradient rule: "block", "pass" or "source"',
        got: show(gradient),
      })
    }
  },
  splice: ({ source, gradient }, site) => site.overwrite(emitSource(source, site), gradient),
}
