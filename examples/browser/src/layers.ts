import { type Clamp, type Clamps, type Head, nameOf, untouched } from './clamps.ts'
import { byId, html } from './dom.ts'
import { describe, type HeatMap, smallMap } from './heat-map.ts'
import type { Network, Reading } from './network.ts'
import type { Token } from './tokens.ts'

/** The layers: a map and a switch for each head. */
export interface Layers {
  /** Marks what the reader has chosen. */
  mark(chosen: Head, clamps: Clamps): void
  show(reading: Reading, sequence: number, tokens: readonly Token[]): void
}

interface Tile extends Head {
  readonly map: HeatMap
  readonly node: HTMLElement
  readonly button: HTMLButtonElement
  readonly power: HTMLButtonElement
  readonly note: HTMLElement
}

/** What a layer is good at, once trained. */
const habits = ['some heads look one token back', 'some find the label after the same glyph']

export function makeLayers(
  { layers, heads }: Network,
  length: number,
  on: { choose(head: Head): void; power(head: Head): void },
): Layers {
  const tiles: Tile[] = []
  for (let layer = 0; layer < layers; layer++) {
    const row = html('div', { class: 'row' })
    for (let head = 0; head < heads; head++) {
      const tile = makeTile({ layer, head }, length)
      tile.button.onclick = () => on.choose(tile)
      tile.power.onclick = () => on.power(tile)
      tiles.push(tile)
      row.append(tile.node)
    }
    const title = html('h3', {}, `Layer ${layer} `, html('span', { class: 'quiet' }, habits[layer] ?? ''))
    byId('layers').append(title, row)
  }
  return {
    mark(chosen, clamps) {
      for (const tile of tiles) markTile(tile, nameOf(tile) === nameOf(chosen), clamps.get(nameOf(tile)) ?? untouched)
    },
    show(reading, sequence, tokens) {
      for (const tile of tiles) {
        const weights = weightsOf(reading, tile, sequence)
        tile.map.show(weights)
        tile.button.setAttribute('aria-label', `Layer ${tile.layer}, head ${tile.head}: ${describe(weights, tokens)}`)
      }
    },
  }
}

function makeTile({ layer, head }: Head, length: number): Tile {
  const map = smallMap(length)
  const note = html('span', { class: 'note' })
  const button = html('button', { type: 'button', class: 'choose' }, map.node)
  const power = html('button', { type: 'button', class: 'power', role: 'switch' })
  power.setAttribute('aria-label', `Layer ${layer}, head ${head}`)
  const node = html('div', { class: 'head', id: `head-${layer}-${head}` })
  node.append(html('span', { class: 'name' }, String(head), note), button, power)
  return { layer, head, map, node, button, power, note }
}

function markTile({ node, button, power, note }: Tile, isChosen: boolean, { off, pattern, sharpness }: Clamp): void {
  node.classList.toggle('off', off)
  node.classList.toggle('forced', pattern !== 'own')
  button.setAttribute('aria-pressed', String(isChosen))
  power.setAttribute('aria-checked', String(!off))
  note.textContent = { own: sharpness === 1 ? '' : `×${sharpness}`, previous: 'prev', induction: 'ind' }[pattern]
}

/** One head's attention in one sequence, [query, key]. */
export function weightsOf({ patterns }: Reading, { layer, head }: Head, sequence: number): ArrayLike<number> {
  const { shape, data } = patterns[layer]
  const size = shape[2] * shape[3]
  const at = (sequence * shape[1] + head) * size
  return data.subarray(at, at + size)
}
