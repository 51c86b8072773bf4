import type { Model } from '../architectures/define.ts'
import type { Backend } from '../backends/backend.ts'
import type { State } from '../backends/program-io.ts'
import type { Numbered } from '../compile/intervene.ts'
import { splicePoint } from '../interventions/apply.ts'
import { showSite } from '../interventions/at.ts'
import type { InputArrays } from './inputs.ts'
import { Reader } from './reader.ts'

/** What one intervention did in a run. */
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
  readonly #readers = new Map<string, Reader>()

  constructor(interventions: readonly Numbered[], known: readonly Receipt[] = []) {
    this.#receipts = interventions.map(({ index, intervention: { kind, at } }) => {
      const { fired = 0, elements = 0, largestChange = 0 } = known[index] ?? {}
      return { index, kind, at: showSite(at), fired, elements, largestChange }
    })
  }

  count(index: number): void {
    this.#receipts[index].fired++
  }

  /** Runs the active interventions on these inputs and notes what they change. */
  measure(
    options: { backend: Backend; model: Model },
    active: readonly Numbered[],
    state: State,
    inputs: InputArrays,
    step: number,
  ) {
    if (active.length === 0) return
    const { points, splices } = this.#reader(options, active).read(state, inputs, step)
    for (const { index, elements } of splices) {
      const before = points[splicePoint(index, 'before')].data
      const after = points[splicePoint(index, 'after')].data
      const receipt = this.#receipts[index]
      receipt.elements = elements
      receipt.largestChange = Math.max(receipt.largestChange, largestDifference(before, after))
    }
  }

  /** Compiled once per set of interventions. */
  #reader(options: { backend: Backend; model: Model }, active: readonly Numbered[]): Reader {
    const key = active.map(({ index }) => index).join()
    const reader =
      this.#readers.get(key) ??
      new Reader({
        ...options,
        interventions: active,
        points: active.flatMap(({ index }) => [splicePoint(index, 'before'), splicePoint(index, 'after')]),
      })
    this.#readers.set(key, reader)
    return reader
  }

  list(): readonly Receipt[] {
    return this.#receipts.map((receipt) => ({ ...receipt }))
  }
}

/** The largest change of an element. */
export function largestDifference(before: ArrayLike<number>, after: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < before.length; i++) largest = Math.max(largest, Math.abs(after[i] - before[i]))
  return largest
}
