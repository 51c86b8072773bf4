import { type Clamp, type Clamps, type Head, type Pattern, patterns, untouched } from './clamps.ts'

/** All that a reader has chosen. It stands in the page's address, so a link leads to the same view. */
export interface State {
  /** Which sequence is shown. */
  readonly sequence: number
  /** Which head the controls are for. */
  readonly chosen: Head
  readonly clamps: Clamps
}

/** How much there is to choose from. */
export interface Limits {
  readonly sequences: number
  readonly layers: number
  readonly heads: number
}

/** Such as `#sequence=2&head=1.3&1.0=off&1.5=induction,x4`. */
export function toAddress({ sequence, chosen, clamps }: State): string {
  const ofHeads = [...clamps].map(([name, clamp]) => `${name}=${wordsOf(clamp).join(',')}`)
  return `#${[`sequence=${sequence}`, `head=${chosen.layer}.${chosen.head}`, ...ofHeads].join('&')}`
}

function wordsOf({ off, pattern, sharpness }: Clamp): string[] {
  return [
    ...(off ? ['off'] : []),
    ...(pattern === 'own' ? [] : [pattern]),
    ...(sharpness === 1 ? [] : [`x${sharpness}`]),
  ]
}

/** Reads an address over a state. What means nothing in it throws, and says what that is. */
export function fromAddress(address: string, start: State, limits: Limits): State {
  let state = start
  for (const [key, value] of new URLSearchParams(address.replace(/^#/, ''))) {
    if (key === 'sequence') state = { ...state, sequence: indexIn(value, limits.sequences, 'sequence') }
    else if (key === 'head') state = { ...state, chosen: headIn(value, limits) }
    else {
      const { layer, head } = headIn(key, limits)
      state = { ...state, clamps: new Map([...state.clamps, [`${layer}.${head}`, clampOf(value)]]) }
    }
  }
  return state
}

function indexIn(text: string, below: number, what: string): number {
  const index = /^\d{1,4}$/.test(text) ? Number(text) : below
  if (index < below) return index
  throw new Error(`The address asks for ${what} “${text}”: there are 0 to ${below - 1}.`)
}

function headIn(text: string, { layers, heads }: Limits): Head {
  const [, layer, head] = /^(\d+)\.(\d+)$/.exec(text) ?? []
  if (layer === undefined) throw new Error(`The address says “${text}”: a head is written as layer.head, such as 1.3.`)
  return { layer: indexIn(layer, layers, 'layer'), head: indexIn(head, heads, 'head') }
}

/** No factor above this: scores would leave the range of the file's numbers. */
const LARGEST = 64

function clampOf(text: string): Clamp {
  return Object.assign({}, untouched, ...text.split(',').map(changeOf))
}

function changeOf(word: string): Partial<Clamp> {
  if (word === 'off') return { off: true }
  if (Object.hasOwn(patterns, word)) return { pattern: word as Pattern }
  const factor = Number(/^x([\d.]+)$/.exec(word)?.[1])
  if (factor > 0 && factor <= LARGEST) return { sharpness: factor }
  throw new Error(`The address says “${word}”: known are off, ${Object.keys(patterns).join(', ')} and such as x4.`)
}
