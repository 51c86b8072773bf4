import { integer, positive, type Rule, text } from '../core/check.ts'
import { aFunction, listOf, object } from '../core/fields.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { NodeId } from '../graph/node.ts'

/** An update rule over parameters as one flat vector. Plain data and two functions. */
export interface Optimizer {
  /** Plain JSON that rebuilds it. */
  readonly config: Readonly<Record<string, unknown>> & { readonly kind: string }
  /** Its memory from step to step: vectors as long as its parameters together, zero at the start. */
  readonly remembers: readonly string[]
  /** How many numbers {@link rates} gives. */
  readonly rateCount: number
  /**
   * What changes from step to step: an input of the compiled plan.
   *
   * @param step of the run; 0 is the first
   * @param updates how many it has made before; default as many as steps, as it has where it is not only in turns
   */
  rates(step: number, updates?: number): readonly number[]
  /** The largest norm of its parameters' gradients together; larger ones are scaled down to it before the update. */
  readonly clip?: number | undefined
  /** Emits the new state. */
  emit(context: UpdateContext): NodeId
}

export interface UpdateContext {
  readonly builder: GraphBuilder
  /** The parameters, then each of {@link Optimizer.remembers}, one after the other in one vector. */
  readonly state: NodeId
  /** Gradients of the parameters, in the same order. */
  readonly gradients: NodeId
  /** What {@link Optimizer.rates} gave for this step, [rateCount]. */
  readonly rates: NodeId
}

const fields = {
  config: object,
  remembers: listOf(text, 'names'),
  rateCount: integer(0),
  rates: aFunction,
  emit: aFunction,
} satisfies Partial<Record<keyof Optimizer, Rule<any>>>

/** What fits is an optimiser; users may bring their own. */
export const anOptimizer: Rule<Optimizer> = {
  expected: 'an optimiser: adam(…), sgd(…)',
  fits(value) {
    if (!object.fits(value)) return false
    const given = value as Record<string, unknown>
    const fit = Object.entries(fields).every(([name, rule]) => rule.fits(given[name]))
    return fit && (given.clip === undefined || positive.fits(given.clip))
  },
}
