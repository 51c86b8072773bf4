/// <reference path="./asciichart.d.ts" />
import asciichart from 'asciichart'
import { flag, integer, optional, readOptions } from '../core/check.ts'
import { reading, title } from './options.ts'
import { type Curves, type Reading, type Series, toSeries } from './series.ts'

export interface TerminalChartOptions extends Reading {
  readonly title?: string
  /** Columns of the plot itself; default 72. */
  readonly width?: number
  /** Rows of the plot itself; default 16. */
  readonly height?: number
  /** ANSI colours; default none. */
  readonly colors?: boolean
}

const cells = integer(2, 10_000)
const table = {
  ...reading,
  title,
  width: optional(cells, 72),
  height: optional(cells, 16),
  colors: optional(flag, false),
}

const ansi = ['default', 'blue', 'red', 'green', 'yellow', 'magenta', 'cyan', 'lightgray'] as const
/** Columns before the plot: the label of a row, and its axis. */
const MARGIN = 7
/** Those of the label alone. */
const LABEL = MARGIN - 2
/** A letter stands in a line every so many columns, to tell lines apart where colours cannot. */
const LETTER_EVERY = 12

/**
 * Learning curves for a terminal: one letter a curve, named in the legend below, over sequences seen. A run that was
 * measured on several sets has a curve for each.
 *
 * @throws OpsinError `NAME` for an option, probe or set that is not there, with the nearest.
 * @example
 * import { terminalChart } from 'opsin/figures'
 * const text = terminalChart({ none: [[0, 1.9], [5000, 1.5]], clamped: [[0, 1.9], [5000, 0.4]] })
 * console.assert(text.includes('sequences seen') && text.includes('b clamped'))
 */
export function terminalChart(curves: Curves, options: TerminalChartOptions = {}): string {
  const { title, width, height, colors, ...reading } = readOptions('terminalChart', options, table)
  const series = toSeries('terminalChart', curves, reading)
    .map(({ name, points }) => ({ name, points: points.filter(([, value]) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length > 0)
  if (series.length === 0) return 'no points to draw'
  const all = series.flatMap(({ points }) => points)
  const end = Math.max(1, ...all.map(([x]) => x))
  const range = { min: Math.min(0, ...all.map(([, y]) => y)), max: Math.max(...all.map(([, y]) => y), 1e-9) }
  const paint = (index: number, text: string) =>
    colors ? asciichart.colored(text, asciichart[ansi[index % ansi.length]]) : text
  const cells = overlay(
    series.map((one) => linesOf(sample(one, end, width), height, range)),
    paint,
  )
  const legend = series.map(({ name }, index) => paint(index, `${letter(index)} ${name}`)).join('   ')
  return [...(title === undefined ? [] : [title, '']), ...cells, ...axis(width, end), legend].join('\n')
}

function letter(index: number): string {
  return String.fromCharCode(97 + (index % 26))
}

/** A curve at the columns from `start` to where it ends. */
interface Sampled {
  readonly start: number
  readonly values: readonly number[]
}

function sample({ points }: Series, end: number, width: number): Sampled {
  const step = end / (width - 1)
  const [first, last] = [points[0][0], points[points.length - 1][0]]
  const [start, stop] = [Math.min(Math.round(first / step), width - 1), Math.min(Math.round(last / step), width - 1)]
  const at = (column: number) => Math.min(last, Math.max(first, column * step))
  return { start, values: Array.from({ length: stop - start + 1 }, (_, i) => valueAt(points, at(start + i))) }
}

/** Between the points on a line. */
function valueAt(points: Series['points'], x: number): number {
  const next = Math.max(
    1,
    points.findIndex(([at]) => at >= x),
  )
  if (points.length === 1) return points[0][1]
  const [[from, before], [to, after]] = [points[next - 1], points[next]]
  return to === from ? after : before + (after - before) * ((x - from) / (to - from))
}

function linesOf({ start, values }: Sampled, height: number, range: { min: number; max: number }): string[] {
  // On a scale of 1: asciichart multiplies, and the largest floats would overflow.
  const unit = Math.max(-range.min, range.max)
  const text = asciichart.plot([values.map((value) => value / unit)], {
    height: height - 1,
    min: range.min / unit,
    max: range.max / unit,
    offset: 2,
    padding: ' '.repeat(LABEL),
    format: (value: number) => label(value * unit).padStart(LABEL),
  })
  return text.split('\n').map((line) => `${line.slice(0, MARGIN)}${' '.repeat(start)}${line.slice(MARGIN)}`)
}

/** With two decimals, or as many as there is room for: `0.25`, `123.4`, `2e6`. */
function label(value: number): string {
  const fixed = [2, 1, 0].map((digits) => value.toFixed(digits)).find((text) => text.length <= LABEL)
  return fixed ?? value.toExponential(0).replace('+', '')
}

/** All curves in one frame, the first on top; every so often a curve shows its letter. */
function overlay(plots: readonly (readonly string[])[], paint: (index: number, text: string) => string): string[] {
  return plots[0].map((row, y) => {
    const frame = row.slice(0, MARGIN)
    const columns = Math.max(...plots.map((plot) => plot[y].length))
    const cells = Array.from({ length: columns - MARGIN }, (_, x) => {
      const index = plots.findIndex((plot) => (plot[y][MARGIN + x] ?? ' ') !== ' ')
      if (index < 0) return ' '
      const isMarked = plots[index][y][MARGIN + x] === '─' && x % LETTER_EVERY === (2 * index + 1) % LETTER_EVERY
      return paint(index, isMarked ? letter(index) : plots[index][y][MARGIN + x])
    })
    return `${frame}${cells.join('')}`.trimEnd()
  })
}

/** The horizontal axis: a tick at each quarter, with its number of sequences. */
function axis(width: number, end: number): string[] {
  const quarters = [0, 1, 2, 3, 4].map((q) => ({ column: Math.round((q * (width - 1)) / 4), value: (q * end) / 4 }))
  const line = Array.from({ length: width }, (_, x) => (quarters.some(({ column }) => column === x) ? '┴' : '─'))
  const labels = new Array<string>(width + 8).fill(' ')
  for (const { column, value } of quarters) {
    const text = short(value)
    const start = Math.max(0, column - Math.floor(text.length / 2))
    for (let i = 0; i < text.length; i++) labels[start + i] = text[i]
  }
  const margin = ' '.repeat(MARGIN - 1)
  return [`${margin}└${line.slice(1).join('')}`, `${margin}${labels.join('').trimEnd()}  sequences seen`]
}

function short(sequences: number): string {
  return sequences >= 1000 ? `${Number((sequences / 1000).toPrecision(3))}k` : String(Math.round(sequences))
}
