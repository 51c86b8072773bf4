import { svg } from './dom.ts'
import { type Token, tokenArt } from './tokens.ts'

/** Attention of one head as squares: a row for each token that looks, a column for each that it may look at. */
export interface HeatMap {
  readonly node: SVGSVGElement
  /** @param weights [query, key]. */
  show(weights: ArrayLike<number>): void
}

/** Only what a causal head can see: nobody looks ahead. */
function cellsOf(length: number): { readonly query: number; readonly key: number }[] {
  return Array.from({ length }, (_, query) => Array.from({ length: query + 1 }, (_, key) => ({ query, key }))).flat()
}

function square(x: number, y: number): SVGRectElement {
  return svg('rect', { class: 'cell', x: x + 0.04, y: y + 0.04, width: 0.92, height: 0.92, rx: 0.14 })
}

/** A small map, which whatever it stands in has a name for. */
export function smallMap(length: number): HeatMap {
  const cells = cellsOf(length).map((cell) => ({ ...cell, node: square(cell.key, cell.query) }))
  const node = svg('svg', { viewBox: `0 0 ${length} ${length}`, class: 'map', 'aria-hidden': 'true' })
  node.append(...cells.map((cell) => cell.node))
  return {
    node,
    show(weights) {
      for (const { query, key, node } of cells)
        node.style.setProperty('--weight', String(weights[query * length + key]))
    },
  }
}

/** A map with the tokens at its sides, and in each square the weight in percent. */
export function largeMap(tokens: readonly Token[]): HeatMap {
  const length = tokens.length
  const margin = 1.15
  const node = svg('svg', {
    viewBox: `0 0 ${length + margin} ${length + margin}`,
    class: 'map large',
    role: 'img',
  })
  const place = (token: Token, x: number, y: number) =>
    svg('g', { transform: `translate(${x} ${y}) scale(0.76)` }, tokenArt(token))
  const axes = tokens.flatMap((token, i) => [
    place(token, 0.12, margin + i + 0.12),
    place(token, margin + i + 0.12, 0.12),
  ])
  const cells = cellsOf(length).map(({ query, key }) => {
    const text = svg('text', { x: margin + key + 0.5, y: margin + query + 0.53 })
    return { query, key, node: square(margin + key, margin + query), text }
  })
  node.append(...axes, ...cells.flatMap((cell) => [cell.node, cell.text]))
  return {
    node,
    show(weights) {
      for (const { query, key, node, text } of cells) {
        const weight = weights[query * length + key]
        node.style.setProperty('--weight', String(weight))
        text.textContent = weight < 0.005 ? '' : String(Math.round(100 * weight))
        text.classList.toggle('on-dark', weight > 0.5)
      }
      node.setAttribute('aria-label', describe(weights, tokens))
    },
  }
}

/** Where the last token looks, in words: it is the one that answers. */
export function describe(weights: ArrayLike<number>, tokens: readonly Token[]): string {
  const length = tokens.length
  const row = Array.from({ length }, (_, key) => weights[(length - 1) * length + key])
  const most = row.indexOf(Math.max(...row))
  return `the query looks most at ${tokens[most].name}, with ${Math.round(100 * row[most])} percent`
}
