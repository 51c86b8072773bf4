import { finite } from '../../core/check.ts'
import type { InterventionBase, InterventionOptions, Site } from '../define.ts'
import { knownKind, make } from '../form.ts'

/** Multiplies the selected elements by a number. */
export interface Scale extends InterventionBase {
  readonly kind: 'scale'
  readonly factor: number
}

/**
 * Multiplies the selected elements by a number; the gradient is multiplied too. A head's temperature t is a factor 1/t
 * on its `attn.scores`. [Singh et al. 2024, `set_head_temperature`]
 *
 * @throws OpsinError `VALUE` for a factor that is not finite.
 * @example
 * import { at, attentionOnly, scale } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const sharper = scale(at(model, 'blocks.1.attn.scores', { head: 3 }), 1 / 0.5)
 */
export function scale(at: Site, factor: number, options: InterventionOptions = {}): Scale {
  return make(scaleKind, at, { factor }, options)
}

export const scaleKind = knownKind<Scale>({
  kind: 'scale',
  fields: { factor: { ...finite, expected: 'a finite factor' } },
  splice({ factor }, { builder, value, mask }) {
    const where = mask()
    const { shape } = builder.node(where)
    const one = builder.op('constant', [], { shape, value: 1 })
    const factors = builder.op('constant', [], { shape, value: factor + 0 }) // no −0, as in JSON
    return builder.op('multiply', [value, builder.op('overwrite', [one, factors, where], { gradient: 'block' })])
  },
})
