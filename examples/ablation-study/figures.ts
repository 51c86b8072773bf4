import { tensor } from 'opsin'
import { heatMap, type Spec } from 'opsin/figures'
import { labels, type Result } from './study.ts'

/** The pictures of a result, by the names of their files. */
export function figures(result: Result): Readonly<Record<'pairs' | 'interactions' | 'alone', Spec>> {
  return { pairs: pairs(result), interactions: interactions(result), alone: alone(result) }
}

/** How much the loss grows without heads i and j; on the diagonal without one. */
export function cost({ intact, pairs }: Result): readonly (readonly number[])[] {
  return pairs.map((row) => row.map(({ loss }) => loss - intact.loss))
}

function pairs(result: Result): Spec {
  // No head of this model is in the way of others: what is below 0 is of the size of rounding.
  const rows = cost(result).map((row) => row.map((value) => Math.max(0, value)))
  return heatMap(matrix(rows), {
    title: 'Loss that two heads are worth (diagonal: one)',
    rows: labels,
    label: 'nats',
    scale: 'sqrt',
    digits: 2,
  })
}

/** What two heads are worth together beyond what each is worth: above 0, one makes up for the loss of the other. */
function interactions(result: Result): Spec {
  const all = cost(result)
  const rows = all.map((row, i) => row.map((value, j) => (i === j ? Number.NaN : value - all[i][i] - all[j][j])))
  return heatMap(matrix(rows), {
    title: 'Worth of two heads beyond that of each',
    rows: labels,
    label: 'nats',
    scale: 'diverging',
    digits: 2,
  })
}

function matrix(rows: readonly (readonly number[])[]) {
  return tensor([rows.length, rows[0].length], Float64Array.from(rows.flat()))
}

const conditions = ['removed', 'all others removed']

/** Figure 4a of Singh et al. 2024, with the heads in the order of their induction strength. */
function alone({ pairs, alone, strength }: Result): Spec {
  const first = pairs.length - alone.length
  const order = strength.map((_, head) => head).sort((a, b) => strength[b] - strength[a])
  const accuracies = [pairs.slice(first).map((row, head) => row[first + head]), alone]
  const bars = accuracies.flatMap((measures, condition) =>
    measures.map(({ accuracy }, head) => ({ head, condition: conditions[condition], accuracy })),
  )
  const x = {
    field: 'head',
    type: 'ordinal',
    sort: order,
    title: 'head of layer 1, strongest first',
    axis: { labelAngle: 0 },
  }
  const y = { type: 'quantitative', scale: { domain: [0, 1] }, title: 'accuracy' }
  const bar = {
    data: { values: bars },
    mark: { type: 'bar' },
    encoding: {
      x,
      xOffset: { field: 'condition', sort: conditions },
      y: { field: 'accuracy', ...y },
      color: {
        field: 'condition',
        type: 'nominal',
        scale: { domain: [...conditions, 'induction strength'], range: ['#b9c7d6', '#0072b2', '#d55e00'] },
        legend: { title: null, orient: 'top', symbolType: 'square', symbolOpacity: 1, labelLimit: 260 },
      },
    },
  }
  const tick = {
    data: { values: strength.map((value, head) => ({ head, strength: value, condition: 'induction strength' })) },
    mark: { type: 'tick', thickness: 3, width: 44, opacity: 1 },
    encoding: { x, y: { field: 'strength', ...y }, color: { field: 'condition', type: 'nominal' } },
  }
  const chance = {
    data: { values: [{ accuracy: 0.2 }] },
    mark: { type: 'rule', strokeDash: [3, 3], color: '#222' },
    encoding: { y: { field: 'accuracy', ...y } },
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: 'One head removed, and one head left', anchor: 'start', fontSize: 14, fontWeight: 600, offset: 12 },
    background: 'white',
    padding: 12,
    width: 480,
    height: 260,
    layer: [bar, tick, chance],
    config: {
      font: 'Helvetica, Arial, sans-serif',
      view: { stroke: null },
      axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 400, gridColor: '#ececec' },
    },
  }
}
