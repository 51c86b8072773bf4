import type { Line } from './clamps.ts'
import { byId } from './dom.ts'
import type { Reading } from './network.ts'

/** The clamps as opsin takes them, and the receipt of each. */
export function showCode(lines: readonly Line[], { receipts, milliseconds }: Reading, engine: string): void {
  const shown = lines.map(({ code }, i) => {
    const { elements, largestChange } = receipts[i]
    return `  // wrote ${elements} numbers, the largest change is ${largestChange.toPrecision(3)}\n  ${code},\n`
  })
  byId('code').textContent = `interventions: [${lines.length === 0 ? '' : `\n${shown.join('')}`}]`
  byId('ran').textContent = `${engine}, ${milliseconds.toFixed(0)} ms for all sequences`
}
