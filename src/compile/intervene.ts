import type { Model, Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import { GraphBuilder } from '../graph/build.ts'
import { differentiate, forwardName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { type Heard, type PassName, runPasses } from '../graph/passes/index.ts'
import { applyInterventions, type Splice, withPasses } from '../interventions/apply.ts'
import { showSite } from '../interventions/at.ts'
import { checkInterventions, type Numbered, ofGradient, sitesOf } from '../interventions/check.ts'
import type { Phase, Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { type Observed, observedPoint, observeSelections } from '../interventions/observed.ts'
import { pointInPass, readSite } from '../interventions/read.ts'
import { isOpen, type Progress } from '../interventions/schedule.ts'
import { checkTogether } from '../interventions/together.ts'

export type { Numbered } from '../interventions/check.ts'

export interface IntervenedGraph {
  readonly graph: Graph
  readonly splices: readonly Splice[]
}

export interface IntervenedOptions {
  /** What will be read, so that no pass may remove it; a selection is computed alone. */
  readonly observed: readonly Observed[]
  /** Whether to differentiate. */
  readonly gradients: boolean
  /** Whose gradients: a point that holds one number, or a site that selects one. Default `loss`. */
  readonly gradientOf?: string | Site | undefined
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
  { observed, gradients, gradientOf = 'loss', without }: IntervenedOptions,
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
  const { graph: observable, scalar } = withScalar(
    observeSelections(forward.graph, model, sizes, values),
    model,
    sizes,
    gradientOf,
  )
  // What interventions on gradients write and read must still be there, and be formed, once the passes have run.
  const late = inOrder.filter(onGradient)
  const written = late.map(({ intervention: { at } }) => pointInPass(at.point, at.pass))
  const used = [...late.flatMap(({ intervention }) => sitesOf(intervention)), ...seen.filter(ofGradient)]
  const usedPoints = used.map(({ point, pass }) => pointInPass(point, pass))
  const names = [...observed.map(observedPoint), ...usedPoints, ...(gradients ? [scalar] : [])]
  const lean = runPasses(observable, hear(names, observable), without)
  if (!gradients) return { graph: lean, splices: forward.splices }
  const backward = applyInterventions(differentiate(lean, scalar, written), model, sizes, late)
  const graph = observeSelections(backward.graph, model, sizes, seen.filter(ofGradient))
  return { graph, splices: [...forward.splices, ...backward.splices] }
}

/** A graph with a point that holds the one number whose gradients are wanted. */
function withScalar(graph: Graph, model: Model, sizes: Sizes, of: string | Site): { graph: Graph; scalar: string } {
  if (typeof of === 'string') return { graph, scalar: of }
  const builder = new GraphBuilder(graph)
  const value = readSite(builder, model, sizes, of)
  const { shape } = builder.node(value)
  if (sizeOf(shape) !== 1) {
    const where = `gradientOf: ${showSite(of)}`
    throw new OpsinError('VALUE', { where, expected: 'one number', got: showShape(shape) })
  }
  const scalar = `gradient-of(${pointInPass(of.point, of.pass)})`
  builder.point(scalar, builder.op('reshape', [value], { shape: [] }))
  return { graph: builder.build(), scalar }
}

function isGradient(name: string): boolean {
  return forwardName(name) !== name
}

/** What the passes must leave audible. A name that does not exist is found out where it is read. */
function hear(names: readonly string[], graph: Graph): Heard {
  const there = [...new Set(names)].filter((name) => forwardName(name) in graph.points)
  return { values: [...new Set(there.map(forwardName))], gradients: there.filter(isGradient).map(forwardName) }
}
