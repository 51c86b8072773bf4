import { showSite } from '../interventions/at.ts'
import type { Numbered } from '../interventions/check.ts'
import type { Change } from './runner.ts'

/** The effect of one intervention in a run. */
export interface Receipt {
  /** Its place in the list of interventions. */
  readonly index: number
  readonly kind: string
  readonly at: string
  /** How many steps it took part in; for one that acts only in evaluation, how many evaluations. */
  readonly fired: number
  /** How many elements it writes each time. */
  readonly elements: number
  /** The largest change it made to an element, over the batches it was measured on. */
  readonly largestChange: number
}

/**
 * Keeps the receipts of a run. That an intervention fired is counted at every step; how much it changes takes the value
 * it replaced, which training has no need to compute, so it is measured apart: on the first batch after each change of
 * the active interventions, and wherever the run is evaluated.
 */
export class Receipts {
  readonly #receipts: { -readonly [Field in keyof Receipt]: Receipt[Field] }[]

  constructor(interventions: readonly Numbered[], known: readonly Receipt[] = []) {
    this.#receipts = interventions.map(({ index, intervention: { kind, at } }) => {
      const { fired = 0, elements = 0, largestChange = 0 } = known[index] ?? {}
      return { index, kind, at: showSite(at), fired, elements, largestChange }
    })
  }

  count(index: number): void {
    this.#receipts[index].fired++
  }

  note(changes: readonly Change[]): void {
    for (const { index, elements, largest } of changes) {
      const receipt = this.#receipts[index]
      receipt.elements = elements
      receipt.largestChange = Math.max(receipt.largestChange, largest)
    }
  }

  list(): readonly Receipt[] {
    return this.#receipts.map((receipt) => ({ ...receipt }))
  }
}
