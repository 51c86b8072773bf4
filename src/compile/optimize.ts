import { sizeOf } from '../core/shape.ts'
import { gradientName } from '../graph/address.ts'
import { GraphBuilder, parametersOf } from '../graph/build.ts'
import type { Graph, NodeId } from '../graph/node.ts'
import { assign, ratesAt, type Trained, trainedAt } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import { areGroups, type Groups } from '../optimizers/groups.ts'

/**
 * A differentiated graph with the optimiser's step at its end: the parameters and the optimiser's memory packed
 * into one flat vector, their gradients into another, the rule's own op over both, and an update that makes the next run
 * start from the new values. Each group whose turn it is at this step has such a step of its own.
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

/** The inputs of an optimiser's rule: its parameters with their memory, and their gradients. */
function pack(builder: GraphBuilder, one: Trained): { state: NodeId; gradients: NodeId } {
  const parameters = one.parameters.map((name) => builder.inputId(name))
  const size = parameters.reduce((sum, id) => sum + sizeOf(builder.node(id).shape), 0)
  const remembered = stateInputs(one).map((name) => builder.input(name, [size], 'state'))
  const state = builder.op('pack', [...parameters, ...remembered])
  const points = one.parameters.map((name) => builder.pointId(gradientName(name)))
  return { state, gradients: builder.op('pack', points) }
}

/** Gradients scaled down, all by one factor, where their joint norm exceeds the limit. */
function clip(builder: GraphBuilder, gradients: readonly NodeId[], largest: number | undefined): readonly NodeId[] {
  if (largest === undefined) return gradients
  const factor = builder.op('clip-factor', gradients, { largest })
  return gradients.map((one) => builder.op('multiply', [one, factor]))
}

/** The input that holds the rates of an optimiser, which change from step to step. */
export function ratesInput({ name }: Trained): string {
  return `${name}.rates`
}

/** The inputs that hold the optimiser's memory; each is a vector as long as all its parameters together. */
export function stateInputs({ name, optimizer }: Trained): string[] {
  return optimizer.remembers.map((part) => `${name}.${part}`)
}
