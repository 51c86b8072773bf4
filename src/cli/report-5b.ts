import Table from 'cli-table3'
import { terminalChart } from '../figures/terminal-chart.ts'
import type { Claim } from '../reproduce/claims.ts'
import { lossAt, type Points } from '../reproduce/points.ts'
import { published5b } from '../reproduce/published.ts'
import type { Figure5b } from '../reproduce/reproduce-5b.ts'
import type { Io } from './io.ts'

/** The moments of the table. */
const moments = [1e4, 3e4, 5e4, 1e5, 2e5, 4e5]
/** Columns that the chart needs beside its plot. */
const CHART_MARGIN = 26

/** What a person reads after `opsin reproduce figure-5b`: chart, table, claims. */
export function report5b({ conditions, claims }: Figure5b, { stdout, colors }: Pick<Io, 'stdout' | 'colors'>): string {
  const width = Math.max(40, Math.min(88, (stdout.columns ?? 100) - CHART_MARGIN))
  const curves = Object.fromEntries(conditions.map(({ name, curve }) => [name, curve]))
  const chart = terminalChart(curves, { title: 'Loss under each clamp (figure 5b)', width, colors })
  return [chart, lossTable(conditions), claims.map((claim) => verdict(claim, colors)).join('\n')].join('\n\n')
}

function lossTable(conditions: Figure5b['conditions']): string {
  const table = new Table({
    head: ['loss (paper)', ...moments.map((at) => at.toExponential(0).replace('+', '')), 'ms a step'],
    colAligns: ['left', ...moments.map(() => 'right' as const), 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { name, curve, msPerStep } of conditions) {
    const cells = moments.map((at) => `${show(curve, at)} (${show(published5b[name], at)})`)
    table.push([name, ...cells, msPerStep.toFixed(2)])
  }
  return table.toString()
}

function show(points: Points, at: number): string {
  return lossAt(points, at)?.toFixed(3).replace(/^0/, '') ?? '–'
}

function verdict({ claim, holds, measured }: Claim, colors: boolean): string {
  const [word, colour] = holds === null ? ['not reached', 33] : holds ? ['holds', 32] : ['does not hold', 31]
  const mark = word.padEnd(13)
  return `${colors ? `\x1b[${colour}m${mark}\x1b[0m` : mark}  ${claim}\n${' '.repeat(15)}${measured}`
}
