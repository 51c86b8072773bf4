import type { GraphBuilder } from '../../graph/build.ts'
import type { NodeId } from '../../graph/node.ts'

/** An update rule over all parameters as one flat vector. Plain data and two functions. */
export interface Optimizer {
  /** Plain JSON that rebuilds it. */
  readonly config: Readonly<Record<string, unknown>> & { readonly kind: string }
  /** How many numbers {@link rates} gives. */
  readonly rateCount: number
  /** What changes from step to step (step 0 is the first): an input of the compiled plan. */
  rates(step: number): readonly number[]
  /**
   * Emits the new parameters. `state(name)` is a vector like the parameters that starts at zero; `update` says what it
   * becomes.
   */
  emit(context: UpdateContext): NodeId
}

export interface UpdateContext {
  readonly builder: GraphBuilder
  /** All parameters, one after the other. */
  readonly parameters: NodeId
  /** Their gradients, in the same order. */
  readonly gradients: NodeId
  /** What {@link Optimizer.rates} gave for this step, [rateCount]. */
  readonly rates: NodeId
  state(name: string): NodeId
  update(state: NodeId, value: NodeId): NodeId
}
