import { tensor } from 'opsin'
import { type HeatMapOptions, heatMap, renderSvg } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const matrix = (rows: number, columns: number, ...values: number[]) =>
  tensor([rows, columns], Float64Array.from(values))
const cells = (values: Parameters<typeof heatMap>[0], options: HeatMapOptions = {}) =>
  (heatMap(values, options) as any).data.values
const wrong = (options: object) => options as never

describe('heatMap', () => {
  test('has a cell for each value, row by row', () => {
    expect(cells(matrix(2, 3, 0, 1, 2, 3, 4, 5)).map(({ row, column, value }: any) => [row, column, value])).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [0, 2, 2],
      [1, 0, 3],
      [1, 1, 4],
      [1, 2, 5],
    ])
  })

  test('NaN leaves a cell blank and takes no room from its row', async () => {
    const spec = heatMap(matrix(2, 2, Number.NaN, 1, 2, Number.NaN)) as any
    expect(spec.data.values).toHaveLength(2)
    expect(spec.encoding.x.scale.domain).toEqual([0, 1])
    const svg = await renderSvg(spec)
    expect(svg.match(/aria-roledescription="rect mark"/g)).toHaveLength(2)
    expect(svg).not.toMatch(/NaN/)
  })

  test('names its rows, and its columns as these where there are as many', async () => {
    const square = await renderSvg(heatMap(matrix(2, 2, 1, 2, 3, 4), { rows: ['up', 'down'] }))
    expect(square.match(/>up</g)).toHaveLength(2)
    const wide = await renderSvg(heatMap(matrix(1, 2, 1, 2), { rows: ['up'], columns: ['left', 'right'] }))
    expect([wide.match(/>up</g), wide.match(/>right</g)].map((found) => found?.length)).toEqual([1, 1])
  })

  test('writes digits where it is told how many, white on dark', async () => {
    const values = matrix(1, 3, 0.014, 0.4, 1)
    expect(await renderSvg(heatMap(values))).not.toContain('>0.01<')
    expect(await renderSvg(heatMap(values, { digits: 2 }))).toContain('>0.01<')
    const dark = (options: HeatMapOptions) => cells(values, options).map((cell: any) => cell.dark)
    expect(dark({})).toEqual([false, false, true])
    expect(dark({ scale: 'sqrt' })).toEqual([false, true, true])
  })

  test('a diverging scale is as far to both sides', () => {
    const { layer } = heatMap(matrix(1, 2, -3, 1), { scale: 'diverging' }) as any
    expect(layer[0].encoding.color.scale.domain).toEqual([-3, 0, 3])
  })

  test('a matrix of zeros has colours', async () => {
    expect(await renderSvg(heatMap(matrix(1, 2, 0, 0), { scale: 'sqrt', digits: 1 }))).not.toMatch(/NaN|undefined/)
  })

  test.each<[string, () => unknown, string]>([
    ['another shape', () => heatMap(tensor([4], new Float32Array(4))), 'SHAPE'],
    ['nothing', () => heatMap(tensor([0, 4], new Float32Array(0))), 'SHAPE'],
    ['rows that do not fit', () => heatMap(matrix(1, 2, 1, 2), { rows: ['a', 'b'] }), 'SHAPE'],
    ['columns that do not fit', () => heatMap(matrix(1, 2, 1, 2), { columns: ['a'] }), 'SHAPE'],
    ['negative values on a scale from 0', () => heatMap(matrix(1, 2, 1, -2)), 'VALUE'],
    ['infinite values', () => heatMap(matrix(1, 2, 1, -Infinity), { scale: 'diverging' }), 'VALUE'],
    ['another scale', () => heatMap(matrix(1, 1, 1), wrong({ scale: 'log' })), 'VALUE'],
    ['half a digit', () => heatMap(matrix(1, 1, 1), { digits: 0.5 }), 'VALUE'],
    ['no size', () => heatMap(matrix(1, 1, 1), { cell: 0 }), 'VALUE'],
    ['an unknown option', () => heatMap(matrix(1, 1, 1), wrong({ row: ['a'] })), 'NAME'],
  ])('refuses %s', (_, draw, code) => {
    expect(draw).toThrow(expect.objectContaining({ code }))
  })
})
