import { requireModel } from '../architectures/check.ts'
import type { AxesOf, HookName, Model, Positions, Sizes } from '../architectures/define.ts'
import { type Axis, axes } from '../core/axes.ts'
import { check, form, matching, optional, type Rule, requireRecord, text } from '../core/check.ts'
import { titled } from '../core/choice.ts'
import { unknownName } from '../core/nearest.ts'
import { show } from '../core/show.ts'
import { forwardName, gradientName, splitReplica } from '../graph/address.ts'
import type { Site } from './define.ts'
import { type AxisSelection, axisSelection, indicesOf, type Selection } from './select.ts'

/** Selections by axis, for the axes that this hook point has. */
export type SelectionOf<M extends Model, Name> = { readonly [A in AxesOf<M, Name>]?: AxisSelection }

/** Options of a site besides its point: axes to select on, and the replica of the network. */
export type SiteOptions<M extends Model, Name> = SelectionOf<M, Name> & { readonly replica?: string }

/**
 * Where to read or write: a hook point of the model and, per axis, which indices (all, for axes left out). A name or
 * axis that this model does not have does not compile; from plain JavaScript or JSON it throws.
 *
 * @throws OpsinError `NAME` for a point or axis the model does not have, with the nearest names; `VALUE` for an index
 * outside its axis; `NO_EFFECT` for a selection of nothing.
 * @example
 * import { at, attentionOnly, except } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * at(model, 'blocks.1.attn.v', { head: except(3) })
 * at(model, 'blocks.1.attn.pattern', { head: 3, query: 'last', key: 'labels' })
 * at(model, 'grad(blocks.0.resid_post)')
 */
export function at<M extends Model, const Name extends HookName<M>>(
  model: M,
  point: Name,
  options: SiteOptions<M, Name> = {} as SiteOptions<M, Name>,
): Site {
  const where = `at(model, ${show(point)})`
  requireModel(where, model)
  const given = requireRecord(where, options, 'an object of selections by axis')
  const { replica, ...select } = given as { replica?: string } & Selection
  const site: Site = {
    point,
    ...(replica === undefined ? {} : { replica }),
    ...(Object.keys(select).length === 0 ? {} : { select }),
  }
  requireSite(site, where)
  checkSite(model, site)
  return site
}

/** The axes of a hook point or of a gradient. @throws OpsinError `NAME` with the nearest names. */
export function axesOfPoint(model: Model, point: string): readonly Axis[] {
  const known = model.hookPoints.get(forwardName(point))
  if (known !== undefined) return known.axes
  const names = [...model.hookPoints.keys()]
  throw unknownName(
    `at(model, ${show(point)})`,
    'a hook point of this model',
    point,
    point.startsWith('grad(') ? names.map(gradientName) : names,
  )
}

/** The axes of a point in any replica, by its whole name. @throws OpsinError as {@link axesOfPoint}. */
export function axesOfName(model: Model, name: string): readonly Axis[] {
  return axesOfPoint(model, splitReplica(name).point)
}

/** How a site calls itself in errors. */
export function showSite({ point, replica, select }: Site): string {
  const details = { ...select, ...(replica === undefined ? {} : { replica }) }
  return `at(model, ${show(point)}${Object.keys(details).length > 0 ? `, ${show(details)}` : ''})`
}

/** Per axis of a point of this shape: the indices that a site selects, in its order; `null` for all. */
export function selectedIndices(model: Model, sizes: Sizes, at: Site, shape: readonly number[]) {
  const [where, positions] = [showSite(at), model.positions(sizes)]
  return axesOfPoint(model, at.point).map((axis, i) =>
    indicesOf(at.select?.[axis], { where, axis, size: shape[i], positions: wordsFor(positions, shape[i]) }),
  )
}

/** An axis that the read-out reduced to one position has nothing but the last. */
function wordsFor(positions: Positions, size: number): Positions {
  const last = positions.last?.[0]
  return size === 1 && last !== undefined && last > 0 ? { last: [0], query: [0] } : positions
}

/** The allowed names of replicas. */
export const replicaName = matching(/^[a-z][a-z0-9-]*$/, 'a replica named in lower case letters, digits and hyphens')

const selections = Object.fromEntries(axes.map((axis) => [axis, optional(axisSelection)]))

const narrowing = {
  replica: optional(replicaName),
  select: optional(titled('selections', form(selections, 'an object of selections by axis', 'an axis'))),
}

/** The form of a site at some points, for any model. */
export function siteAt(point: Rule<string>): Rule<Site> {
  return form({ point, ...narrowing }, 'a site {"point": …, "select": {…}}', 'a field of a site') as Rule<any>
}

export const aSite = titled('site', siteAt({ ...text, expected: 'the name of a hook point, a string' }))

const scores = matching(/^blocks\.\d+\.attn\.scores$/, '')

/** The form of a site at the scores of a layer. */
export function siteAtScores(expected: string): Rule<Site> {
  return siteAt({ ...scores, expected })
}

/** Throws unless it has the form of a site. */
export function requireSite(site: Site, where: string): void {
  check(where, site, aSite)
}

/** Throws for a site of the right form that does not fit the model. */
export function checkSite(model: Model, site: Site): void {
  const where = showSite(site)
  const own = axesOfPoint(model, site.point)
  for (const [axis, selection] of Object.entries(site.select ?? {})) {
    if (!own.includes(axis as Axis)) {
      throw unknownName(where, `an axis of ${site.point} (it has ${own.join(', ')})`, axis, own)
    }
    const size = model.hookPoints.get(forwardName(site.point))?.sizes?.[axis as Axis]
    if (size !== undefined) indicesOf(selection, { where, axis: axis as Axis, size, positions: {} })
  }
}
