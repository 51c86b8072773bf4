import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSvg, type Spec } from 'opsin/figures'
import { beforeAll, describe, expect, test } from 'vitest'
import { figures } from '../../examples/ablation-study/figures.ts'
import { spearman, summary, terminalMap, terminalTable } from '../../examples/ablation-study/report.ts'
import { run, write } from '../../examples/ablation-study/run.ts'
import { labels, type Result } from '../../examples/ablation-study/study.ts'
import { temporaryFolder } from '../support/command-line.ts'

const SEQUENCES = 100
const expected = JSON.parse(readFileSync('examples/ablation-study/expected.json', 'utf8'))

let onnx: Result
let wasm: Result
beforeAll(async () => {
  onnx = await run('onnxruntime', SEQUENCES)
  wasm = await run('wasm', SEQUENCES)
})

/** All numbers in a value, in order, with a zero in the place of each in what is left of it. */
function taken(value: unknown): { readonly numbers: number[]; readonly rest: string } {
  const numbers: number[] = []
  const rest = JSON.stringify(value, (_, one) => {
    if (typeof one !== 'number') return one
    numbers.push(one)
    return 0
  })
  return { numbers, rest }
}

function requireClose(a: unknown, b: unknown): void {
  const [x, y] = [taken(a), taken(b)]
  expect(x.rest).toBe(y.rest)
  expect(Math.max(...x.numbers.map((value, i) => Math.abs(value - y.numbers[i])))).toBeLessThan(1e-5)
}

describe('examples/ablation-study', () => {
  test('each engine is the one that it says', () => {
    expect(onnx.engine).toMatch(/^onnxruntime-node /)
    expect(wasm.engine).toBe('wasm')
  })

  test('ONNX Runtime and wasm give the same numbers and pictures', () => {
    requireClose({ ...onnx, engine: '' }, { ...wasm, engine: '' })
    const [a, b] = [figures(onnx), figures(wasm)]
    for (const name of ['pairs', 'interactions', 'alone'] as const) requireClose(a[name], b[name])
  })

  test('all pairs are there, and no removal is the same as another', () => {
    expect(labels).toHaveLength(16)
    const lower = onnx.pairs.flatMap((row, i) => row.slice(0, i + 1).map(({ loss }) => loss))
    expect(new Set([...lower, onnx.intact.loss, ...onnx.alone.map(({ loss }) => loss)]).size).toBe(16 + 120 + 1 + 8)
    expect(onnx.pairs[3][12]).toEqual(onnx.pairs[12][3])
  })

  test('finds what figure 4a says: one head is spared with ease, and the strong ones do most alone', () => {
    const { dearestRemoval, rankCorrelation, byStrength, byAccuracyAlone } = summary(onnx)
    expect(onnx.intact.accuracy).toBe(1)
    expect(dearestRemoval).toBeLessThan(0.05)
    expect(rankCorrelation).toBeGreaterThan(0.8)
    // Three are far above the others, whichever of them is first.
    expect(byAccuracyAlone.slice(0, 3).sort()).toEqual(byStrength.slice(0, 3).sort())
  })

  test('what it found is what expected.json says, as near as so few sequences tell', () => {
    expect(onnx.alone.length).toBe(expected.accuracyAlone.length)
    for (const [head, { accuracy }] of onnx.alone.entries()) {
      // Four standard deviations of a share in a hundred sequences.
      expect(Math.abs(accuracy - expected.accuracyAlone[head]), `head ${head}`).toBeLessThan(0.2)
      expect(Math.abs(onnx.strength[head] - expected.strength[head]), `head ${head}`).toBeLessThan(0.1)
    }
  })

  test("in the authors' own run, too, the order is nearly that of strength", () => {
    expect(spearman(expected.published.strength, expected.published.accuracyAlone)).toBeCloseTo(0.952, 3)
    expect(spearman(expected.strength, expected.accuracyAlone)).toBeCloseTo(0.905, 3)
  })

  test('writes numbers and pictures, and a map for a terminal', async () => {
    const folder = temporaryFolder()
    await write(folder, onnx)
    expect(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')).summary).toEqual(summary(onnx))
    const drawn: [string, Spec][] = Object.entries(figures(onnx))
    for (const [name, spec] of drawn) {
      expect(readFileSync(join(folder, `${name}.svg`), 'utf8')).toBe(await renderSvg(spec))
      expect(
        readFileSync(join(folder, `${name}.png`))
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG')
    }
    const [, header, ...rows] = terminalMap(onnx).split('\n')
    expect(header.trim().split(/\s+/)).toEqual(labels)
    expect(rows.map((row) => row.trim().split(/\s+/).length)).toEqual(labels.map(() => 17))
    expect(terminalTable(onnx)).toContain('Spearman')
  })
})

test('rank correlation: the same order, the opposite, and one neighbour changed', () => {
  expect(spearman([1, 2, 3, 4], [0.1, 0.2, 0.3, 9])).toBe(1)
  expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1)
  expect(spearman([1, 2, 3, 4], [1, 2, 4, 3])).toBeCloseTo(0.8)
})
