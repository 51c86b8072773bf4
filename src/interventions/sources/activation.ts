import type { Site, SourceKind } from '../define.ts'

/** What the same network computes elsewhere on the same batch; the site's own point where none is named. */
export interface ActivationSource {
  readonly from: 'activation'
  readonly point?: string
  readonly pass?: string
  /** Take these positions, in this order, in place of 0, 1, 2, …: one for each selected. */
  readonly positions?: readonly number[]
}

/**
 * What the same network computes on the same batch: in another pass, at another point (`at(model, …)` names it), or at
 * other positions of it.
 *
 * @example
 * import { activation, at, attentionOnly, patch } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * patch(at(model, 'blocks.0.attn.q'), activation({ pass: 'clean' }), { gradient: 'block' })
 * const shifted = activation({ of: at(model, 'blocks.0.resid_pre'), positions: [0, 0, 1, 2, 4] })
 * patch(at(model, 'blocks.0.resid_post', { pass: 'shifted' }), shifted, { gradient: 'source' })
 */
export function activation({
  of,
  pass = of?.pass,
  positions,
}: {
  readonly of?: Site
  readonly pass?: string
  readonly positions?: readonly number[]
}): ActivationSource {
  return {
    from: 'activation',
    ...(of === undefined ? {} : { point: of.point }),
    ...(pass === undefined ? {} : { pass }),
    ...(positions === undefined ? {} : { positions }),
  }
}

export const activationSource: SourceKind<ActivationSource> = {
  from: 'activation',
  emit(source, site) {
    const value = site.read(siteOf(source, { point: site.point, pass: site.pass }))
    if (source.positions === undefined) return value
    return site.builder.op('take', [value], { axis: positionAxis(site.axes), indices: source.positions })
  },
  reads: (source, at) => [siteOf(source, at)],
}

function siteOf({ point, pass }: ActivationSource, at: Site): Site {
  return { point: point ?? at.point, pass: pass ?? at.pass ?? 'main' }
}

function positionAxis(axes: readonly string[]): number {
  return axes.findIndex((axis) => axis === 'pos' || axis === 'query')
}
