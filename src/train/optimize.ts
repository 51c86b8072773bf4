import { sizeOf } from '../core/shape.ts'
import { GraphBuilder, parametersOf } from '../graph/build.ts'
import { gradientName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import type { Optimizer } from '../optimizers/define.ts'

/** The input that holds what the optimiser changes from step to step. */
export const ratesInput = 'optimizer.rates'

/**
 * A differentiated graph with the optimiser's step at its end: the parameters and what the optimiser remembers packed
 * into one flat vector, their gradients into another, the rule's own op over both, and an update that makes the next run
 * start from the new values.
 */
export function optimize(graph: Graph, optimizer: Optimizer): Graph {
  const builder = new GraphBuilder(graph)
  const parameters = parametersOf(graph)
  const size = parameters.reduce((sum, { node }) => sum + sizeOf(node.shape), 0)
  const remembered = stateInputs(optimizer).map((name) => builder.input(name, [size], 'state'))
  const state = builder.op('pack', [...parameters.map(({ id }) => id), ...remembered])
  const gradients = builder.op(
    'pack',
    parameters.map(({ node }) => builder.pointId(gradientName(node.name))),
  )
  const rates = builder.input(ratesInput, [optimizer.rateCount])
  builder.update(state, optimizer.emit({ builder, state, gradients, rates }))
  return builder.build()
}

/** The inputs that hold what an optimiser remembers; each is a vector like all parameters together. */
export function stateInputs({ remembers }: Optimizer): string[] {
  return remembers.map((name) => `optimizer.${name}`)
}
