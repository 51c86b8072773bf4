import { sizeOf } from '../core/shape.ts'
import { GraphBuilder, parametersOf } from '../graph/build.ts'
import { gradientName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import type { Optimizer } from './optimizers/define.ts'

/** The input that holds what the optimiser changes from step to step. */
export const ratesInput = 'optimizer.rates'

/** The name of an optimiser's state among the graph's inputs. */
function stateName(name: string): string {
  return `optimizer.${name}`
}

/**
 * A differentiated graph with the optimiser's step at its end: parameters and gradients packed into one flat vector
 * each, the rule's own nodes over them, and updates that make the next run start from the new values.
 */
export function optimize(graph: Graph, optimizer: Optimizer): Graph {
  const builder = new GraphBuilder(graph)
  const parameters = parametersOf(graph)
  const flat = builder.op(
    'pack',
    parameters.map(({ id }) => id),
  )
  const gradients = builder.op(
    'pack',
    parameters.map(({ node }) => builder.pointId(gradientName(node.name))),
  )
  const size = parameters.reduce((sum, { node }) => sum + sizeOf(node.shape), 0)
  const next = optimizer.emit({
    builder,
    parameters: flat,
    gradients,
    rates: builder.input(ratesInput, [optimizer.rateCount]),
    state: (name) => builder.input(stateName(name), [size], 'state'),
    update(state, value) {
      builder.update(state, value)
      return value
    },
  })
  builder.update(flat, next)
  return builder.build()
}

/** The inputs that hold what an optimiser remembers; each is a vector like all parameters together. */
export function stateInputs(optimizer: Optimizer): string[] {
  const builder = new GraphBuilder()
  const vector = (name: string) => builder.input(name, [1])
  const names: string[] = []
  optimizer.emit({
    builder,
    parameters: vector('parameters'),
    gradients: vector('gradients'),
    rates: builder.input(ratesInput, [optimizer.rateCount]),
    state(name) {
      names.push(stateName(name))
      return vector(stateName(name))
    },
    update: (_, value) => value,
  })
  return names
}
