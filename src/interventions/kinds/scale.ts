import { OpsinError } from '../../core/errors.ts'
import { sizeOf } from '../../core/shape.ts'
import {
  type InterventionBase,
  type InterventionKind,
  type InterventionOptions,
  interventionVersion,
  type Site,
} from '../define.ts'

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
  return { version: interventionVersion, kind: 'scale', at, factor, ...options }
}

export const scaleKind: InterventionKind<Scale> = {
  kind: 'scale',
  fields: ['factor'],
  splice({ factor }, site) {
    if (!Number.isFinite(factor)) {
      throw new OpsinError('VALUE', { where: `scale ${site.where}`, expected: 'a finite factor', got: String(factor) })
    }
    const { builder, selected, shape } = site
    const small = selected.map((indices, axis) => (indices === null ? 1 : shape[axis]))
    const mask = builder.op('mask', [], { shape: small, select: selected })
    const one = builder.op('constant', [], { shape: small, value: 1 })
    const factors = builder.op('constant', [], { shape: small, value: factor + 0 }) // no −0, as in JSON
    const factorOrOne =
      sizeOf(small) === 1 ? factors : builder.op('overwrite', [one, factors, mask], { gradient: 'block' })
    return builder.op('multiply', [site.value, factorOrOne])
  },
}
