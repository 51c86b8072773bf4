import { sizeOf } from '../core/shape.ts'
import { gradientName } from '../graph/address.ts'
import { GraphBuilder, parametersOf } from '../graph/build.ts'
import type { Graph, NodeId } from '../graph/node.ts'
import { assign, ratesAt, type Trained, trainedAt } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import { areGroups, type Groups } from '../optimizers/groups.ts'

/**
 * A differentiated graph with the optimiser's step at its end: the parameters and what the optimiser remembers packed
 * into one flat vector, their gradients into another, the rule's own op over both, and an update that makes the next run
 * start from the new values. Groups have such a step each, those whose turn it is not at this step none.
 */
export function optimize(graph: Graph, optimizer: Optimizer | Groups, step = 0): Graph {
  const builder = new GraphBuilder(graph)
  const parameters = parametersOf(graph).map(({ node }) => node)
  const trained = trainedAt(assign(optimizer, parameters), step)
  const packed = trained.map((one) => pack(builder, one))
  const gradients = packed.map(({ gradients }) => gradients)
  const clipped = areGroups(optimizer) ? clip(builder, gradients, optimizer.clip) : gradients
  trained.forEach((one, i) => {
    const { optimizer } = one
    const { state } = packed[i]
    const [gradients] = clip(builder, [clipped[i]], optimizer.clip)
    const rates = builder.input(ratesInput(one), [optimizer.rateCount], 'step', 'float', (step) => ratesAt(one, step))
    builder.update(state, optimizer.emit({ builder, state, gradients, rates }))
  })
  return builder.build()
}

/** What an optimiser's rule works on: its parameters with what it remembers of them, and their gradients. */
function pack(builder: GraphBuilder, one: Trained): { state: NodeId; gradients: NodeId } {
  const parameters = one.parameters.map((name) => builder.inputId(name))
  const size = parameters.reduce((sum, id) => sum + sizeOf(builder.node(id).shape), 0)
  const remembered = stateInputs(one).map((name) => builder.input(name, [size], 'state'))
  const state = builder.op('pack', [...parameters, ...remembered])
  const points = one.parameters.map((name) => builder.pointId(gradientName(name)))
  return { state, gradients: builder.op('pack', points) }
}

/** Gradients scaled down, all by one factor, where their norm together is larger than it may be. */
function clip(builder: GraphBuilder, gradients: readonly NodeId[], largest: number | undefined): readonly NodeId[] {
  if (largest === undefined) return gradients
  const factor = builder.op('clip-factor', gradients, { largest })
  return gradients.map((one) => builder.op('multiply', [one, factor]))
}

/** The input that holds what an optimiser changes from step to step. */
export function ratesInput({ name }: Trained): string {
  return `${name}.rates`
}

/** The inputs that hold what an optimiser remembers; each is a vector like all its parameters together. */
export function stateInputs({ name, optimizer }: Trained): string[] {
  return optimizer.remembers.map((part) => `${name}.${part}`)
}
