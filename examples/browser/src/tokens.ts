import type { Tensor } from 'opsin'
import { svg } from './dom.ts'
import type { Network } from './network.ts'

/** A token of the shown sequence. Exemplar and label of one pair share a colour, and the query has that of its class. */
export interface Token {
  readonly kind: 'exemplar' | 'label' | 'query'
  readonly colour: 'a' | 'b'
  /** What it is, in words. */
  readonly name: string
  /** On a label. */
  readonly text: string
  /** Of an exemplar: which cells of a small picture are filled. */
  readonly glyph: readonly boolean[]
}

/** The tokens of a sequence: exemplar, label, exemplar, label, query. */
export function tokensOf({ batch, features }: Network, sequence: number): Token[] {
  const rows = rowOf(batch.exemplars, sequence)
  const labels = rowOf(batch.labels, sequence)
  const colours = ['a', 'b'] as const
  const exemplar = (row: number, kind: Token['kind']): Token => {
    const pair = rows.indexOf(row)
    const name = `${kind === 'query' ? 'the query: ' : ''}glyph ${'AB'[pair]}`
    return { kind, colour: colours[pair], name, text: '', glyph: glyphOf(features, row) }
  }
  return rows.flatMap((row, i) => {
    if (i === labels.length) return [exemplar(row, 'query')]
    const label = String(labels[i])
    return [
      exemplar(row, 'exemplar'),
      { kind: 'label', colour: colours[i], name: `label ${label}`, text: label, glyph: [] },
    ]
  })
}

/** A row of integers, [row, column]. */
function rowOf({ shape: [, width], data }: Tensor, row: number): number[] {
  return Array.from(data.subarray(row * width, (row + 1) * width))
}

/** The sides of a glyph. Its columns are mirrored, as eyes like it. */
const SIDE = 5

/**
 * The network sees 512 numbers of an exemplar; we see the first few of them, filled where they are above their mean. So glyphs that
 * look alike are alike for the network too.
 */
function glyphOf(features: Tensor, row: number): boolean[] {
  return Array.from({ length: SIDE * SIDE }, (_, cell) => {
    const column = Math.min(cell % SIDE, SIDE - 1 - (cell % SIDE))
    const feature = SIDE * column + Math.floor(cell / SIDE)
    const { shape, data } = features
    return data[row * shape[1] + feature] > meanOf(features, feature)
  })
}

function meanOf({ shape: [rows, width], data }: Tensor, feature: number): number {
  let sum = 0
  for (let row = 0; row < rows; row++) sum += data[row * width + feature]
  return sum / rows
}

/** A token as a picture of one unit in width and height. */
export function tokenArt({ kind, colour, text, glyph }: Token): SVGGElement {
  const group = svg('g', { class: `token ${kind} pair-${colour}` })
  if (kind === 'label') {
    group.append(svg('circle', { cx: 0.5, cy: 0.5, r: 0.44 }), svg('text', { x: 0.5, y: 0.53 }, text))
    return group
  }
  group.append(svg('rect', { x: 0.04, y: 0.04, width: 0.92, height: 0.92, rx: 0.2 }))
  const unit = 0.64 / SIDE
  const cells = glyph.flatMap((filled, cell) => {
    const [x, y] = [cell % SIDE, Math.floor(cell / SIDE)].map((at) => (0.18 + unit * at).toFixed(3))
    return filled ? [`M${x} ${y}h${unit}v${unit}h-${unit}z`] : []
  })
  group.append(svg('path', { d: cells.join('') }))
  return group
}

/** A token as a picture that stands by itself. */
export function tokenPicture(token: Token): SVGSVGElement {
  return svg('svg', { viewBox: '0 0 1 1', role: 'img', 'aria-label': token.name }, tokenArt(token))
}
