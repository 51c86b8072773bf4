import type { Model, Sizes } from '../architectures/define.ts'
import { type Rule, text } from '../core/check.ts'
import { object } from '../core/fields.ts'
import { pointInReplica } from '../graph/address.ts'
import { GraphBuilder } from '../graph/build.ts'
import type { Graph } from '../graph/node.ts'
import type { Site } from './define.ts'
import { readSite } from './read.ts'

/** An observed value: a point by its name in the graph, or a site, of which only the selection is computed. */
export type Observed = string | Site

/** The point that holds the observed value: the point itself, or a separate one for a selection. */
export function observedPoint(observed: Observed): string {
  if (typeof observed === 'string') return observed
  const name = pointInReplica(observed.point, observed.replica)
  return observed.select === undefined ? name : `observed(${name})`
}

/**
 * Adds the selections that are observed, as named nodes at the graph's end: observing changes nothing before them.
 *
 * @throws OpsinError for whatever does not fit this graph.
 */
export function observeSelections(graph: Graph, model: Model, sizes: Sizes, sites: readonly Site[]): Graph {
  const builder = new GraphBuilder(graph)
  for (const site of sites) builder.point(observedPoint(site), readSite(builder, model, sizes, site))
  return builder.build()
}

/** A point that holds one number, or a site that selects one. */
export const aScalar: Rule<Observed> = {
  expected: 'the name of a point, or a site',
  fits: (value) => text.fits(value) || (object.fits(value) && text.fits((value as Partial<Site>).point)),
}
