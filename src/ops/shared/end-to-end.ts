import type { NumberArray } from '../../core/dtype.ts'

/** The reference kernel of a `pack`: the inputs' elements, one input after the other. */
export function endToEnd(out: NumberArray, inputs: readonly NumberArray[]): void {
  let start = 0
  for (const x of inputs) {
    out.set(x, start)
    start += x.length
  }
}
