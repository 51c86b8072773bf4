import type { Model, Sizes } from '../architectures/define.ts'
import { differentiate, forwardName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { type Heard, type PassName, runPasses } from '../graph/passes/index.ts'
import { applyInterventions, type Splice, withPasses } from './apply.ts'
import { checkInterventions, type Numbered, ofGradient, sitesOf } from './check.ts'
import type { Phase } from './define.ts'
import type { Intervention } from './kinds/index.ts'
import { type Observed, observedPoint, observeSelections } from './observed.ts'
import { pointInPass } from './read.ts'
import { isOpen, type Progress } from './schedule.ts'
import { checkTogether } from './together.ts'

export type { Numbered } from './check.ts'

export interface IntervenedGraph {
  readonly graph: Graph
  readonly splices: readonly Splice[]
}

export interface IntervenedOptions {
  /** What will be read, so that no pass may remove it; a selection is computed alone. */
  readonly observed: readonly Observed[]
  /** Whether to differentiate. */
  readonly gradients: boolean
  /** Passes to leave out. */
  readonly without?: readonly PassName[] | undefined
}

/** Puts each intervention's place beside it. */
export function numbered(list: readonly Intervention[]): Numbered[] {
  return list.map((intervention, index) => ({ index, intervention }))
}

/** Those of a list that act at this moment of training and in this phase. */
export function activeAmong(list: readonly Numbered[], phase: Phase, now: Progress): Numbered[] {
  return list.filter(
    ({ intervention: { when, phase: phases } }) =>
      isOpen(when, now) && (phases === undefined || phases.includes(phase)),
  )
}

/**
 * The model's graph under interventions that act together: forward, then (where `gradients` are asked for) backward, then
 * interventions on gradients.
 *
 * @throws OpsinError for whatever is wrong with the interventions; see {@link checkInterventions}.
 */
export function intervene(
  model: Model,
  sizes: Sizes,
  list: readonly Numbered[],
  { observed, gradients, without }: IntervenedOptions,
): IntervenedGraph {
  const interventions = list.map(({ intervention }) => intervention)
  checkInterventions(model, interventions)
  const looksAhead = interventions.some(({ causal }) => causal === false)
  const own = model.graph(sizes, looksAhead)
  checkTogether(model, sizes, own, list)

  const inOrder = [...list].sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
  const onGradient = ({ intervention }: Numbered) => ofGradient(intervention.at)
  const seen = observed.filter((one) => typeof one !== 'string')
  const passes = new Set([...interventions.flatMap(sitesOf), ...seen].flatMap(({ pass }) => pass ?? []))
  passes.delete('main')

  const base = withPasses(own, [...passes])
  const forward = applyInterventions(
    base,
    model,
    sizes,
    inOrder.filter((one) => !onGradient(one)),
  )
  const values = seen.filter((site) => !ofGradient(site))
  const observable = observeSelections(forward.graph, model, sizes, values)
  // What interventions on gradients write and read must still be there, and be formed, once the passes have run.
  const late = inOrder.filter(onGradient)
  const written = late.map(({ intervention: { at } }) => pointInPass(at.point, at.pass))
  const used = [...late.flatMap(({ intervention }) => sitesOf(intervention)), ...seen.filter(ofGradient)]
  const usedPoints = used.map(({ point, pass }) => pointInPass(point, pass))
  const names = [...observed.map(observedPoint), ...usedPoints, ...(gradients ? ['loss'] : [])]
  const lean = runPasses(observable, hear(names, observable), without)
  if (!gradients) return { graph: lean, splices: forward.splices }
  const backward = applyInterventions(differentiate(lean, 'loss', written), model, sizes, late)
  const graph = observeSelections(backward.graph, model, sizes, seen.filter(ofGradient))
  return { graph, splices: [...forward.splices, ...backward.splices] }
}

function isGradient(name: string): boolean {
  return forwardName(name) !== name
}

/** What the passes must leave audible. A name that does not exist is found out where it is read. */
function hear(names: readonly string[], graph: Graph): Heard {
  const there = [...new Set(names)].filter((name) => forwardName(name) in graph.points)
  return { values: [...new Set(there.map(forwardName))], gradients: there.filter(isGradient).map(forwardName) }
}
