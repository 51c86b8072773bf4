import { finite, type OptionsOf, oneOf, optional, readOptions, text } from '../core/check.ts'
import { listOf, object } from '../core/fields.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { type Band, clampWindows } from './clamp-windows.ts'
import { pixels, reading, title } from './options.ts'
import { type CurvePoints, type Curves, isRun, type Reading, requirePoints, type Series, toSeries } from './series.ts'
import { colours, figure, type Spec, sequencesAxis } from './spec.ts'

export interface LossCurvesOptions extends Reading {
  readonly title?: string
  /** Of the loss; default `linear`. On a `log` scale values that are not positive are left out. */
  readonly scale?: 'linear' | 'log'
  /** The title of the vertical axis; default the probe's name, for `loss` with its unit. */
  readonly label?: string
  /** Stretches to mark; default the windows of the runs' own interventions. */
  readonly bands?: readonly Band[]
  /** Levels to mark with a dashed line, e.g. `[{ value: Math.LN2, label: 'ln 2' }]`. */
  readonly levels?: readonly { readonly value: number; readonly label: string }[]
  /** Other curves, by the same names, drawn thin and dotted beside these, e.g. the published ones. */
  readonly compare?: { readonly label: string; readonly curves: Readonly<Record<string, CurvePoints>> }
  readonly width?: number
  readonly height?: number
}

const table = {
  ...reading,
  title,
  scale: optional(oneOf('linear', 'log'), 'linear'),
  label: optional(text),
  bands: optional(listOf(object, 'a list of bands')),
  levels: optional(listOf(object, 'a list of levels'), []),
  compare: optional(object),
  width: pixels(560),
  height: pixels(320),
}
const bandTable = { from: finite, to: optional(finite), label: optional(text) }
const levelTable = { value: finite, label: text }
const compareTable = { label: text, curves: object }

interface Row {
  readonly series: string
  readonly source: string
  readonly x: number
  readonly y: number
}

/** Room between plot and legend, for the labels of levels. */
const LEGEND_OFFSET = 44
/** What the solid curves are called where others stand beside them. */
const OWN = 'opsin'

/**
 * Learning curves of one run or several against the sequences seen, as a vega-lite specification. Runs and points may be
 * mixed; the legend has the order of the names given. A run that was measured on several sets has a line for each.
 *
 * @throws OpsinError `NAME` for an option, probe, set or compared curve that is not there, with the nearest.
 * @example
 * import { ablate, at, attentionOnly, during, fewShot, train } from 'opsin'
 * import { lossCurves, renderSvg } from 'opsin/figures'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const interventions = [ablate(at(model, 'blocks.0.attn.v', { head: 0 }), { when: during(640) })]
 * const run = await train(model, fewShot({ classes: 20, labels: 5 }), { sequences: 1280, evaluateAt: 320, interventions })
 * const svg = await renderSvg(lossCurves({ clamped: run }, { levels: [{ value: Math.LN2, label: 'ln 2' }] }))
 * console.assert(svg.startsWith('<svg'))
 */
export function lossCurves(curves: Curves, options: LossCurvesOptions = {}): Spec {
  const read = readOptions('lossCurves', options, table)
  const { title, scale, probe, width, height } = read
  const levels = read.levels.map((level, i) => readOptions(`lossCurves: levels[${i}]`, level, levelTable))
  const compare = read.compare && readCompare(read.compare)
  const series = toSeries('lossCurves', curves, read)
  const names = series.map(({ name }) => name)
  requireKnownFields('lossCurves: compare', 'the name of a curve', compare?.curves ?? {}, names)
  const bands = (read.bands ?? clampWindows(curves)).map((band, i) =>
    readOptions(`lossCurves: bands[${i}]`, band, bandTable),
  )
  const drawable = (row: Row) => Number.isFinite(row.y) && (scale === 'linear' || row.y > 0)
  const rows = [
    ...rowsOf(series, OWN),
    ...rowsOf(
      Object.entries(compare?.curves ?? {}).map(([name, points]) => ({ name, points })),
      compare?.label ?? '',
    ),
  ].filter(drawable)
  const end = Math.max(1, ...rows.map(({ x }) => x))
  const label = read.label ?? (probe === 'loss' ? 'loss (nats)' : probe)
  return figure(title, {
    width,
    height,
    layer: [
      ...bandLayers(bands, end),
      ...levelLayers(levels, end),
      lineLayer({
        rows,
        names,
        legend: !isRun(curves) || series.length > 1,
        scale,
        label,
        end,
        compare: compare?.label,
      }),
    ],
  })
}

function readCompare(compare: unknown) {
  const { label, curves } = readOptions('lossCurves: compare', compare, compareTable)
  return { label, curves: requirePoints('lossCurves: compare.curves', curves) }
}

function rowsOf(series: readonly Series[], source: string): Row[] {
  return series.flatMap(({ name, points }) => points.map(([x, y]) => ({ series: name, source, x, y })))
}

interface Lines {
  readonly rows: readonly Row[]
  readonly names: readonly string[]
  readonly legend: boolean
  readonly scale: 'linear' | 'log'
  readonly label: string
  readonly end: number
  readonly compare: string | undefined
}

function lineLayer({ rows, names, legend, scale, label, end, compare }: Lines): Spec {
  return {
    data: { values: rows },
    mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round', clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', scale: { domain: [0, end], nice: false }, ...sequencesAxis },
      y: {
        field: 'y',
        type: 'quantitative',
        title: label,
        scale: { type: scale, ...(scale === 'linear' ? { zero: true } : {}), nice: true },
        axis: { tickCount: 6, domain: false, ticks: false, grid: scale === 'linear' },
      },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: names, range: colours(names.length) },
        legend: legend ? { title: null, symbolType: 'stroke', offset: LEGEND_OFFSET } : null,
      },
      ...(compare === undefined ? {} : bySource([OWN, compare])),
    },
  }
}

/** Solid for what was run here, thin dots for what it is held against. */
function bySource(domain: readonly string[]): Spec {
  const source = { field: 'source', type: 'nominal' }
  const dashes = {
    domain,
    range: [
      [1, 0],
      [1, 3],
    ],
  }
  return {
    strokeDash: { ...source, scale: dashes, legend: { title: null, offset: LEGEND_OFFSET } },
    strokeWidth: { ...source, scale: { domain, range: [2, 1.5] }, legend: null },
  }
}

function bandLayers(bands: readonly OptionsOf<typeof bandTable>[], end: number): Spec[] {
  if (bands.length === 0) return []
  const values = bands
    .map(({ from, to, label }) => ({ from, to: Math.min(to ?? end, end), label: label ?? '' }))
    .filter(({ from, to }) => from < to)
  return [
    {
      data: { values },
      mark: { type: 'rect', color: '#0072b2', opacity: 0.08 },
      encoding: { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, dy: 3, fontSize: 10, color: '#35688a' },
      encoding: { x: { field: 'from', type: 'quantitative' }, y: { value: 0 }, text: { field: 'label' } },
    },
  ]
}

function levelLayers(levels: LossCurvesOptions['levels'] & {}, end: number): Spec[] {
  if (levels.length === 0) return []
  const values = levels.map((level) => ({ ...level, end }))
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeDash: [4, 4], color: '#999' },
      encoding: { y: { field: 'value', type: 'quantitative' } },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5, fontSize: 11, color: '#777' },
      encoding: {
        x: { field: 'end', type: 'quantitative' },
        y: { field: 'value', type: 'quantitative' },
        text: { field: 'label' },
      },
    },
  ]
}
