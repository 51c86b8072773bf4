import { curve } from 'opsin'
import { attentionPatterns, headStrengths, lossCurves, renderSvg, terminalChart } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const moments = [0, 32, 64]
const recordsOf = (...sets: string[]) =>
  moments.flatMap((sequences, i) =>
    sets.map((set, s) => ({
      step: i,
      sequences,
      set,
      values: { loss: 2 - i / 2 + s, accuracy: i / 4, 'induction-strength.1': [0, i + s] },
    })),
  )
const one = { records: recordsOf('train') }
const two = { records: recordsOf('train', 'test-class') }

/** The points of each line of a figure. */
function linesOf(spec: any): Record<string, number[][]> {
  const { data } = spec.layer?.at(-1) ?? spec
  const lines: Record<string, number[][]> = {}
  for (const { series, x, y, head, set, sequences, strength } of data.values) {
    const line = series ?? `${head}, ${set}`
    lines[line] = [...(lines[line] ?? []), [x ?? sequences, y ?? strength]]
  }
  return lines
}

describe('a figure of a run that was measured on several sets', () => {
  const rising = (points: number[][]) => points.every(([x], i) => x === moments[i])

  test.each<[string, any, string[]]>([
    ['one run', lossCurves(two), ['train', 'test-class']],
    ['two runs', lossCurves({ a: two, b: one }), ['a: train', 'a: test-class', 'b']],
    ['another probe', lossCurves({ a: two }, { probe: 'accuracy' }), ['a: train', 'a: test-class']],
    ['the set asked for', lossCurves({ a: two, b: two }, { set: 'test-class' }), ['a', 'b']],
    ['heads', headStrengths(two), ['0, train', '1, train', '0, test-class', '1, test-class']],
    ['heads on one set', headStrengths(two, { set: 'test-class' }), ['0, test-class', '1, test-class']],
  ])('has a line for each: %s', (_, spec, names) => {
    const lines = linesOf(spec)
    expect(Object.keys(lines).sort()).toEqual([...names].sort())
    expect(Object.values(lines).every(rising)).toBe(true)
  })

  test('tells lines apart by colour or dash, and says which is which', async () => {
    expect((lossCurves(two) as any).layer.at(-1).encoding.color.legend).not.toBeNull()
    expect((lossCurves(one) as any).layer.at(-1).encoding.color.legend).toBeNull()
    expect((headStrengths(two) as any).encoding.strokeDash.scale.domain).toEqual(['train', 'test-class'])
    expect((headStrengths(one) as any).encoding.strokeDash).toBeUndefined()
    const svg = await renderSvg(headStrengths(two))
    expect(svg.match(/aria-roledescription="line mark"/g)).toHaveLength(4)
    expect((await renderSvg(lossCurves(two))).match(/aria-roledescription="line mark"/g)).toHaveLength(2)
  })

  test('so too in a terminal', () => {
    expect(terminalChart(two)).toMatch(/a train {3}b test-class$/)
  })
})

describe('what a figure does not find, it says, with the nearest', () => {
  const pattern = { shape: [1, 2, 2], data: new Float32Array(4) }
  const points = [[0, 1]] as const
  const wrong = (options: object) => options as never

  test.each<[string, () => unknown, RegExp]>([
    ['a set', () => lossCurves(two, { set: 'tran' }), /lossCurves: set: .*"tran".*Nearest: train/],
    [
      'a set of one run',
      () => lossCurves({ a: two, b: one }, { set: 'test-class' }),
      /lossCurves: b: set: .*Nearest: train/,
    ],
    ['a set of points', () => lossCurves({ a: points }, { set: 'train' }), /lossCurves: set: .*There are none here/],
    ['a probe', () => lossCurves(one, { probe: 'acuracy' }), /lossCurves: probe: .*Nearest: accuracy/],
    [
      'a number of a probe of heads',
      () => lossCurves(one, { probe: 'induction-strength.1' }),
      /lossCurves: probe: .*number/,
    ],
    ['a probe of a run without any', () => lossCurves({ records: [] }), /lossCurves: probe: .*There are none here/],
    [
      'a curve to compare with',
      () => lossCurves({ none: points }, { compare: { label: 'paper', curves: { nome: points } } }),
      /lossCurves: compare: .*"nome".*Nearest: none/,
    ],
    ['an option', () => lossCurves(one, wrong({ scal: 'log' })), /lossCurves: .*"scal".*Nearest: scale/],
    ['a set in a terminal', () => terminalChart(two, { set: 'tran' }), /terminalChart: set: .*Nearest: train/],
    ['an option in a terminal', () => terminalChart(one, wrong({ heigth: 3 })), /terminalChart: .*Nearest: height/],
    ['a set of heads', () => headStrengths(two, { set: 'tran' }), /headStrengths: set: .*Nearest: train/],
    ['an option of heads', () => headStrengths(two, wrong({ layr: 1 })), /headStrengths: .*Nearest: layer/],
    [
      'an option of patterns',
      () => attentionPatterns(pattern, wrong({ token: [] })),
      /attentionPatterns: .*Nearest: tokens/,
    ],
    ['a set of a curve', () => curve(two, 'loss', 'tran'), /curve: set: .*Nearest: train/],
    ['a probe of a curve', () => curve(two, 'los'), /curve: probe: .*Nearest: loss/],
    ['a number of a curve', () => curve(two, 'induction-strength.1'), /curve: probe: .*number/],
  ])('%s', (_, draw, message) => {
    expect(draw).toThrow(expect.objectContaining({ code: 'NAME', message: expect.stringMatching(message) }))
  })

  test.each<[string, () => unknown]>([
    ['another scale', () => lossCurves(one, wrong({ scale: 'sqrt' }))],
    ['no width', () => lossCurves(one, { width: 0 })],
    ['a width that is no number', () => headStrengths(one, wrong({ width: '5' }))],
    ['a terminal of one column', () => terminalChart(one, { width: 1 })],
    ['no options', () => lossCurves(one, wrong(5 as never))],
    ['no curves', () => lossCurves(undefined as never)],
    ['a curve of numbers', () => lossCurves(wrong({ a: [1, 2] }))],
    ['half a layer', () => headStrengths(one, { layer: 0.5 })],
  ])('and refuses %s', (_, draw) => {
    expect(draw).toThrow(expect.objectContaining({ code: 'VALUE' }))
  })
})

test('the windows to mark are checked like what users give', () => {
  const checkpoint = { identity: { batch: 32, interventions: [{ kind: 'clamp', when: { unit: 'steps', from: '0' } }] } }
  expect(() => lossCurves({ a: { ...one, checkpoint } as any })).toThrow(
    /clampWindows: checkpoint.identity.interventions/,
  )
})
