import { OpsinError } from '../../core/errors.ts'
import { canBroadcast, showShape } from '../../core/shape.ts'
import type { Site, SiteContext, SourceKind } from '../define.ts'

/** What the same network computes elsewhere on the same batch. */
export interface ActivationSource {
  readonly from: 'activation'
  /** Default: the point that is written. */
  readonly of?: Site
  /** Default: that of `of`, or else the one that is written. */
  readonly pass?: string
  /** Read each token this many positions earlier; the first ones read themselves. Default 0. */
  readonly shift?: number
}

/**
 * What the same network computes on the same batch: in another pass (`pass`), at another point (`of`), or for an earlier
 * token (`shift`). A pass comes into being by being named; it is unmodified unless interventions name it too.
 *
 * @throws OpsinError `VALUE` for a shift that is not a whole number of 0 or more.
 * @example
 * import { activation, at, attentionOnly, patch, range } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * patch(at(model, 'blocks.0.attn.q'), activation({ pass: 'clean' }), { gradient: 'block' })
 * const earlier = activation({ of: at(model, 'blocks.0.resid_pre'), shift: 1 })
 * patch(at(model, 'blocks.0.resid_post', { pos: range(1, -1) }), earlier, { gradient: 'source' })
 */
export function activation(options: Omit<ActivationSource, 'from'>): ActivationSource {
  requireShift('activation', options.shift)
  return { from: 'activation', ...options }
}

export const activationSource: SourceKind<ActivationSource> = {
  from: 'activation',
  fields: ['of', 'pass', 'shift'],
  emit(source, site) {
    const value = site.read(siteOf(source, site))
    const shifted = shift(value, source.shift, site)
    const { shape } = site.builder.node(shifted)
    if (canBroadcast(shape, site.shape)) return shifted
    throw new OpsinError('SHAPE', {
      where: site.where,
      expected: `an activation that broadcasts to ${showShape(site.shape)}`,
      got: showShape(shape),
    })
  },
  reads: (source, at) => [siteOf(source, at)],
}

function siteOf({ of, pass }: ActivationSource, written: Site): Site {
  return { ...(of ?? { point: written.point }), pass: pass ?? of?.pass ?? written.pass ?? 'main' }
}

function shift(value: number, by: number | undefined, { builder, axes, where }: SiteContext): number {
  requireShift(where, by)
  if (by === undefined || by === 0) return value
  const axis = axes.findIndex((name) => name === 'pos' || name === 'query')
  if (axis < 0) {
    throw new OpsinError('VALUE', { where, expected: 'an axis of positions to shift along', got: axes.join(', ') })
  }
  const indices = Array.from({ length: builder.node(value).shape[axis] }, (_, pos) => (pos < by ? pos : pos - by))
  return builder.op('take', [value], { axis, indices })
}

function requireShift(where: string, by: number | undefined): void {
  if (by === undefined || (Number.isInteger(by) && by >= 0)) return
  throw new OpsinError('VALUE', { where, expected: 'a shift of 0 or more positions', got: String(by) })
}
