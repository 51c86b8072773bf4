import { oneOf } from '../../core/check.ts'
import type { InterventionBase, InterventionOptions, Site } from '../define.ts'
import { knownKind, make } from '../form.ts'
import type { CustomSource } from '../sources/custom.ts'
import { type ConstantSource, emitSource, type SourceInput, toSource } from '../sources/index.ts'
import { aConstantSource } from '../sources/rule.ts'

/** Sets the selected elements to values that no parameter takes part in. */
export interface Clamp extends InterventionBase {
  readonly kind: 'clamp'
  readonly source: ConstantSource | CustomSource
  readonly gradient: 'block' | 'straight-through'
}

/**
 * Sets the selected elements to constants: a number, an array, or an attention pattern made from the batch
 * ({@link previousToken}, {@link induction}, {@link match}). The gradient rule is `block`, or `straight-through` on request
 * straight through to the value that was overwritten.
 *
 * @throws OpsinError `VALUE` for numbers that are not finite, and for a source that is no constant.
 * @example
 * import { at, attentionOnly, clamp, previousToken } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const perfect = clamp(at(model, 'blocks.0.attn.pattern', { head: 2 }), previousToken())
 */
export function clamp(
  at: Site,
  source: SourceInput,
  options: InterventionOptions & { readonly gradient?: 'block' | 'straight-through' } = {},
): Clamp {
  return make(clampKind, at, { source: toSource(source) }, options, { gradient: 'block' })
}

export const clampKind = knownKind<Clamp>({
  kind: 'clamp',
  fields: {
    source: aConstantSource,
    gradient: {
      ...oneOf('block', 'straight-through'),
      code: 'GRADIENT',
      expected:
        'the rule "block" or "straight-through", since constants have no gradient to send to their source (patch has)',
    },
  },
  splice: ({ source, gradient }, site) => site.overwrite(emitSource(source, site), gradient),
})
