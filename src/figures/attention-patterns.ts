import { integer, optional, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { showShape } from '../core/shape.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'
import { columns, pixels, title } from './options.ts'
import { figure, type Spec } from './spec.ts'

export interface AttentionPatternsOptions {
  readonly title?: string
  /** Which sequence of the batch; default the first. */
  readonly item?: number
  /** The names of the positions; default their numbers. */
  readonly tokens?: readonly string[]
  /** Heads in a row; default 4. */
  readonly columns?: number
  /** Width of one position, in pixels; default 22. */
  readonly cell?: number
}

const table = {
  title,
  item: optional(integer(0), 0),
  tokens: optional(listOf(text, 'a list of names')),
  columns: optional(columns, 4),
  cell: pixels(22),
}

/**
 * Attention patterns of a layer, one square a head, queries down and keys across, as a vega-lite specification.
 *
 * @param pattern [batch, head, query, key] or [head, query, key], from 0 to 1.
 * @throws OpsinError `SHAPE` for another shape, or names that do not fit it; `VALUE` for an item outside the batch; `NAME` for
 * an option that is not there, with the nearest.
 * @example
 * import { attentionOnly, fewShot, initialize, runWithCache } from 'opsin'
 * import { attentionPatterns, renderSvg } from 'opsin/figures'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const task = fewShot({ classes: 50, labels: 5 })
 * const inputs = { ...task.tables, ...task.evaluator('train', 1) }
 * const { cache } = await runWithCache(model, initialize(model, 5), inputs, { cache: ['blocks.1.attn.pattern'] })
 * const spec = attentionPatterns(cache['blocks.1.attn.pattern'], { tokens: ['a', '2', 'b', '4', 'a?'] })
 * console.assert((await renderSvg(spec)).startsWith('<svg'))
 */
export function attentionPatterns(pattern: Tensor, options: AttentionPatternsOptions = {}): Spec {
  const read = readOptions('attentionPatterns', options, table)
  const { title, item, columns, cell } = read
  const { heads, queries, keys, from } = layout(requireTensor('attentionPatterns: pattern', pattern), item)
  const tokens = read.tokens ?? Array.from({ length: keys }, (_, i) => String(i))
  if (tokens.length !== keys) {
    throw new OpsinError('SHAPE', {
      where: 'attentionPatterns: tokens',
      expected: `${keys} names`,
      got: String(tokens.length),
    })
  }
  const values = Array.from({ length: heads * queries * keys }, (_, i) => {
    const query = Math.floor(i / keys) % queries
    return { head: Math.floor(i / (queries * keys)), query, key: i % keys, weight: round(pattern.data[from + i]) }
  })
  const axis = {
    labelExpr: `${JSON.stringify(tokens)}[datum.value]`,
    labelAngle: 0,
    ticks: false,
    domain: false,
    title: null,
  }
  const square = { paddingInner: 0.06, paddingOuter: 0.03 }
  return figure(title, {
    data: { values },
    facet: { field: 'head', type: 'ordinal', header: { title: null, labelExpr: '"head " + datum.value' } },
    columns: Math.min(columns, heads),
    spacing: 18,
    spec: {
      width: keys * cell,
      height: queries * cell,
      mark: { type: 'rect' },
      encoding: {
        x: { field: 'key', type: 'ordinal', axis: { ...axis, title: 'key' }, scale: square },
        y: { field: 'query', type: 'ordinal', axis: { ...axis, title: 'query' }, scale: square },
        color: {
          field: 'weight',
          type: 'quantitative',
          scale: { domain: [0, 1], range: ['#f3f6fa', '#08306b'] },
          legend: { title: 'attention', gradientLength: 100, values: [0, 0.5, 1] },
        },
      },
    },
  })
}

function layout({ shape }: Tensor, item: number) {
  const [batch, heads, queries, keys] = shape.length === 3 ? [1, ...shape] : shape
  if (shape.length < 3 || shape.length > 4 || batch * heads * queries * keys === 0) {
    throw new OpsinError('SHAPE', {
      where: 'attentionPatterns',
      expected: '[batch, head, query, key] or [head, query, key]',
      got: showShape(shape),
    })
  }
  if (item >= batch) {
    throw new OpsinError('VALUE', {
      where: 'attentionPatterns: item',
      expected: `a sequence from 0 to ${batch - 1}`,
      got: String(item),
    })
  }
  return { heads, queries, keys, from: item * heads * queries * keys }
}

/** Four digits: more than a colour shows, and small files. */
function round(weight: number): number {
  return Math.round(weight * 1e4) / 1e4
}
