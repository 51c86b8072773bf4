import { check, integer, optional, requireRecord } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { requireKnownFields } from '../../core/nearest.ts'
import { canBroadcast, showShape } from '../../core/shape.ts'
import { aSite, replicaName } from '../at.ts'
import type { Site } from '../define.ts'
import { knownSource } from './define.ts'

/** Values that the same network computes elsewhere on the same batch. */
export interface ActivationSource {
  readonly from: 'activation'
  /** Default: the point that is written. */
  readonly of?: Site
  /** Default: that of `of`, or else the one that is written. */
  readonly replica?: string
  /** Read each token this many positions earlier; the first ones read themselves. Default 0. */
  readonly shift?: number
}

/**
 * Values of the same network on the same batch: in another replica (`replica`), at another point (`of`), or for an earlier
 * token (`shift`). Naming a replica makes it; it is unmodified unless interventions act in it too.
 *
 * @throws OpsinError `VALUE` for a shift that is not a whole number of 0 or more.
 * @example
 * import { activation, at, attentionOnly, patch, range } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * patch(at(model, 'blocks.0.attn.q'), activation({ replica: 'clean' }), { gradient: 'block' })
 * const earlier = activation({ of: at(model, 'blocks.0.resid_pre'), shift: 1 })
 * patch(at(model, 'blocks.0.resid_post', { pos: range(1, -1) }), earlier, { gradient: 'source' })
 */
export function activation(options: Omit<ActivationSource, 'from'>): ActivationSource {
  requireRecord('activation', options, 'an object of options')
  requireKnownFields('activation', 'an option', options, Object.keys(activationSource.fields))
  return check('activation', { ...options, from: 'activation' }, activationSource.rule)
}

export const activationSource = knownSource<ActivationSource>({
  from: 'activation',
  fields: {
    of: optional(aSite),
    replica: optional(replicaName),
    shift: optional({ ...integer(0), expected: 'a shift of 0 or more positions' }),
  },
  asks: 'there is one replica to read in',
  check({ of, replica }) {
    if (of?.replica !== undefined && replica !== undefined && of.replica !== replica) {
      throw new OpsinError('VALUE', {
        where: '',
        expected: 'one replica to read in',
        got: `"${of.replica}" and "${replica}"`,
      })
    }
  },
  emit(source, site) {
    const from = siteOf(source, site)
    const node = site.read(from, source.shift)
    const { shape } = site.builder.node(node)
    if (canBroadcast(shape, site.shape)) return { node }
    throw new OpsinError('SHAPE', {
      where: site.where,
      expected: `an activation that broadcasts to ${showShape(site.shape)}`,
      got: showShape(shape),
    })
  },
  reads: (source, at) => [{ site: siteOf(source, at), shift: source.shift }],
})

function siteOf({ of, replica }: ActivationSource, written: Site): Site {
  return { ...(of ?? { point: written.point }), replica: replica ?? of?.replica ?? written.replica ?? 'main' }
}
