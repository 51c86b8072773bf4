import type { Model, Sizes } from '../architectures/define.ts'
import { Bases, complete, type Numbered, splice } from '../compile/intervene.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { isGradient, splitReplica } from '../graph/address.ts'
import type { Graph, NodeId } from '../graph/node.ts'
import type { PassName } from '../graph/passes/index.ts'
import { prune } from '../graph/passes/prune.ts'
import { axesOfName, showSite } from '../interventions/at.ts'
import { checkInterventions, ofGradient, requireReadReplicas } from '../interventions/check.ts'
import { beforeGate, withGates } from './gates.ts'

/** The outputs and options of a file's graph. */
export interface Asked {
  /** The hook points that it gives, gated ones among them. */
  readonly hooks: readonly string[]
  readonly gates: readonly string[]
  /** The interventions that are part of it. */
  readonly list: readonly Numbered[]
  /** Passes to leave out. */
  readonly without?: readonly PassName[]
}

/** A graph for inference, and which of its nodes are the outputs of the file. */
export interface InferenceGraph {
  readonly graph: Graph
  readonly outputs: Readonly<Record<string, NodeId>>
}

/** The forward pass of a model at these sizes, under interventions, with gates, and nothing that the outputs do not need. */
export function inferenceGraph(model: Model, sizes: Sizes, { hooks, gates, list, without }: Asked): InferenceGraph {
  const bases = new Bases(model, sizes)
  const spliced = splice(bases, list, [])
  const observed = [...hooks, ...gates.map(beforeGate)]
  const gated = { ...spliced, graph: () => withGates(spliced.graph(), gates) }
  const { graph } = complete(bases, gated, { observed, gradients: false, without })
  const lean = prune(graph, observed)
  return { graph: lean, outputs: Object.fromEntries(observed.map((name) => [name, lean.points[name]])) }
}

/**
 * Throws for what no file for inference can hold, before anything is built: points that do not exist, gradients, gates that are
 * no point of the main network, interventions whose values are not read.
 */
export function requireForward(model: Model, { hooks, gates, list }: Asked): void {
  for (const name of [...hooks, ...gates]) {
    if (isGradient(name)) throw noGradient(`hook point "${name}"`)
    axesOfName(model, name)
  }
  for (const gate of gates) {
    if (!model.hookPoints.has(gate))
      throw unknownName('gates', 'a hook point of this model', gate, [...model.hookPoints.keys()])
  }
  const interventions = list.map(({ intervention }) => intervention)
  checkInterventions(model, interventions)
  const late = interventions.find(({ at }) => ofGradient(at))
  if (late !== undefined) throw noGradient(`${late.kind} ${showSite(late.at)}`)
  requireReadReplicas(
    interventions,
    hooks.map((name) => splitReplica(name).replica),
  )
}

function noGradient(got: string): OpsinError {
  return new OpsinError('GRADIENT', {
    where: 'exportOnnx',
    expected: 'hook points and interventions of the forward pass',
    got,
    hint: 'A file for inference has no backward pass: leave it out, or run the model on another engine.',
  })
}
