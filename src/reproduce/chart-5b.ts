import { lossCurves } from '../figures/loss-curves.ts'
import type { Spec } from '../figures/spec.ts'
import { published5b } from './published.ts'
import type { Figure5b } from './reproduce-5b.ts'

/**
 * The figure beside the published one, as a vega-lite specification.
 *
 * @example
 * import { renderSvg } from 'opsin/figures'
 * import { chart5b, reproduceFigure5b } from 'opsin/reproduce'
 * const svg = await renderSvg(chart5b(await reproduceFigure5b({ sequences: 320 })))
 * console.assert(svg.includes('layer 1 + copy'))
 */
export function chart5b({ conditions }: Pick<Figure5b, 'conditions'>): Spec {
  const curves = Object.fromEntries(conditions.map(({ name, curve }) => [name, curve]))
  const end = Math.max(...conditions.map(({ curve }) => curve[curve.length - 1][0]))
  const published = Object.fromEntries(
    Object.entries(published5b).map(([name, points]) => [name, points.filter(([at]) => at <= end)]),
  )
  return lossCurves(curves, {
    title: 'Training with parts of an induction head clamped (Singh et al. 2024, figure 5b)',
    levels: [{ value: Math.LN2, label: 'ln 2' }],
    compare: { label: 'published', curves: published },
  })
}
