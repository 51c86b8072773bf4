import { integer, oneOf, optional, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { showShape } from '../core/shape.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'
import { pixels, title } from './options.ts'
import { figure, type Spec } from './spec.ts'

export interface HeatMapOptions {
  readonly title?: string
  /** The names of the rows, from the top; default their numbers. */
  readonly rows?: readonly string[]
  /** The names of the columns; default as the rows where there are as many, or else their numbers. */
  readonly columns?: readonly string[]
  /** What the values are, for the legend; default `value`. */
  readonly label?: string
  /**
   * How a value becomes a colour. `linear` (the default) and `sqrt`, which tells small values apart beside large ones, start at 0 and
   * are for values that are not negative; `diverging` has two hues, and is white at 0.
   */
  readonly scale?: 'linear' | 'sqrt' | 'diverging'
  /** So many decimals of each value are written into its cell; default none. */
  readonly digits?: number
  /** Width and height of one cell, in pixels; default 30. */
  readonly cell?: number
}

const names = listOf(text, 'a list of names')

const table = {
  title,
  rows: optional(names),
  columns: optional(names),
  label: optional(text, 'value'),
  scale: optional(oneOf('linear', 'sqrt', 'diverging'), 'linear'),
  digits: optional(integer(0, 6)),
  cell: pixels(30),
}

/** Dark enough for white digits: from this part of a scale on. */
const DARK = 0.55

/**
 * A matrix as coloured cells, as a vega-lite specification: what each pair of heads does, how far each layer moves each position.
 *
 * @param values [row, column]; a cell of NaN stays blank.
 * @throws OpsinError `SHAPE` for another shape, or names that do not fit it; `VALUE` for infinite values, and for negative ones on a
 * scale that starts at 0; `NAME` for an option that is not there, with the nearest.
 * @example
 * import { tensor } from 'opsin'
 * import { heatMap, renderSvg } from 'opsin/figures'
 * const cost = tensor([2, 2], new Float32Array([0.1, 0.7, 0.7, 0.2]))
 * const spec = heatMap(cost, { rows: ['head 0', 'head 1'], label: 'loss (nats)', scale: 'sqrt', digits: 1 })
 * console.assert((await renderSvg(spec)).includes('loss (nats)'))
 */
export function heatMap(values: Tensor, options: HeatMapOptions = {}): Spec {
  const read = readOptions('heatMap', options, table)
  const { title, label, scale, digits, cell } = read
  const [height, width] = matrixShape(requireTensor('heatMap: values', values))
  const rows = namesOf('rows', read.rows, height)
  const columns = namesOf('columns', read.columns ?? (width === height ? rows : undefined), width)
  const largest = largestOf(values, scale)
  const cells = Array.from(values.data, (value, i) => {
    const part = Math.abs(value) / largest
    const dark = (scale === 'sqrt' ? Math.sqrt(part) : part) > DARK
    return { row: Math.floor(i / width), column: i % width, value: round(value), dark }
  }).filter(({ value }) => !Number.isNaN(value))
  const color = {
    field: 'value',
    type: 'quantitative',
    scale: colourScale(scale, largest),
    legend: { title: label, gradientLength: Math.min(180, height * cell), tickCount: 4 },
  }
  const numbers = {
    // The cells tell their values to those who do not see them already.
    mark: { type: 'text', aria: false, fontSize: Math.max(6, cell * 0.3) },
    encoding: {
      text: { field: 'value', type: 'quantitative', format: `.${digits}f` },
      color: { value: '#222', condition: { test: 'datum.dark', value: 'white' } },
    },
  }
  return figure(title, {
    width: width * cell,
    height: height * cell,
    data: { values: cells },
    encoding: { x: axisOf('column', columns, 'top'), y: axisOf('row', rows, 'left') },
    layer: [{ mark: { type: 'rect' }, encoding: { color } }, ...(digits === undefined ? [] : [numbers])],
  })
}

function matrixShape({ shape }: Tensor): readonly [number, number] {
  const [height, width] = shape
  if (shape.length === 2 && height * width > 0) return [height, width]
  throw new OpsinError('SHAPE', { where: 'heatMap: values', expected: '[row, column]', got: showShape(shape) })
}

function namesOf(of: 'rows' | 'columns', given: readonly string[] | undefined, count: number): readonly string[] {
  const names = given ?? Array.from({ length: count }, (_, i) => String(i))
  if (names.length === count) return names
  throw new OpsinError('SHAPE', { where: `heatMap: ${of}`, expected: `${count} names`, got: String(names.length) })
}

/** The largest size of a value; 1 where all are 0, so that there is a scale. */
function largestOf({ data }: Tensor, scale: 'linear' | 'sqrt' | 'diverging'): number {
  const from = scale === 'diverging' ? -Infinity : 0
  const bad = data.find((value) => Math.abs(value) === Infinity || value < from)
  if (bad !== undefined) {
    const expected = scale === 'diverging' ? 'finite values, or NaN for blank cells' : 'finite values from 0 on, or NaN'
    throw new OpsinError('VALUE', { where: 'heatMap: values', expected, got: String(bad) })
  }
  let largest = 0
  for (const value of data) if (Math.abs(value) > largest) largest = Math.abs(value)
  return largest || 1
}

function colourScale(scale: 'linear' | 'sqrt' | 'diverging', largest: number): Spec {
  if (scale === 'diverging') {
    return { domain: [-largest, 0, largest], range: ['#2166ac', '#f7f7f7', '#b2182b'], interpolate: 'lab' }
  }
  return { type: scale, domain: [0, largest], range: ['#f3f6fa', '#08306b'] }
}

function axisOf(field: 'row' | 'column', names: readonly string[], orient: 'top' | 'left'): Spec {
  return {
    field,
    type: 'ordinal',
    title: null,
    scale: { domain: names.map((_, i) => i), paddingInner: 0.05, paddingOuter: 0.025 },
    axis: { orient, labelExpr: `${JSON.stringify(names)}[datum.value]`, labelAngle: 0, ticks: false, domain: false },
  }
}

/** Six digits: more than a colour shows, and small files. */
function round(value: number): number {
  return Number(value.toPrecision(6))
}
