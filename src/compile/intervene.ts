import type { Model, Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { formOf } from '../core/form.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import { forwardName, isGradient, pointInReplica } from '../graph/address.ts'
import { GraphBuilder } from '../graph/build.ts'
import { differentiate } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { type PassName, type Reads, runPasses } from '../graph/passes/index.ts'
import { applyInterventions, type Splice, type SplicedGraph, withReplicas } from '../interventions/apply.ts'
import { showSite } from '../interventions/at.ts'
import { checkInterventions, type Numbered, ofGradient, sitesOf } from '../interventions/check.ts'
import type { Phase, Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { type Observed, observedPoint, observeSelections } from '../interventions/observed.ts'
import { readSite } from '../interventions/read.ts'
import { isOpen, type Progress } from '../interventions/schedule.ts'
import { checkTogether } from '../interventions/together.ts'

export type { Numbered } from '../interventions/check.ts'

export interface IntervenedGraph {
  readonly graph: Graph
  readonly splices: readonly Splice[]
}

export interface IntervenedOptions {
  /** Points that will be read, so that no pass may remove them; a selection is computed alone. */
  readonly observed: readonly Observed[]
  /** Whether to differentiate. */
  readonly gradients: boolean
  /** The number to differentiate: a point that holds one number, or a site that selects one. Default `loss`. */
  readonly gradientOf?: string | Site | undefined
  /** Passes to leave out. */
  readonly without?: readonly PassName[] | undefined
}

/** Pairs each intervention with its place in the list. */
export function numbered(list: readonly Intervention[]): Numbered[] {
  return list.map((intervention, index) => ({ index, intervention }))
}

/** The interventions of a list that act at this moment of training and in this phase. */
export function activeAmong(list: readonly Numbered[], phase: Phase, now: Progress): Numbered[] {
  return list.filter(
    ({ intervention: { when, phase: phases } }) =>
      isOpen(when, now) && (phases === undefined || phases.includes(phase)),
  )
}

/** A forward graph with the interventions on its values spliced in, and the interventions that remain. */
export interface Spliced extends SplicedGraph {
  /** Interventions on gradients, in order. */
  readonly late: readonly Numbered[]
}

/** The forward graphs of one model at one size, made when first needed. */
export class Bases {
  readonly #graphs = new Map<string, Graph>()

  constructor(
    readonly model: Model,
    readonly sizes: Sizes,
  ) {}

  /** @param replicas names of replicas of the network. */
  graph(looksAhead: boolean, replicas: readonly string[] = []): Graph {
    const key = `${looksAhead} ${replicas.join()}`
    const known = this.#graphs.get(key)
    if (known !== undefined) return known
    const own = replicas.length === 0 ? this.model.graph(this.sizes, looksAhead) : this.graph(looksAhead)
    const graph = replicas.length === 0 ? own : withReplicas(own, replicas)
    this.#graphs.set(key, graph)
    return graph
  }
}

/**
 * Checks that interventions fit together, and splices those on values into a model's forward graph.
 *
 * @param lift whether numbers of interventions become inputs, so that other numbers need no other program.
 * @throws OpsinError for whatever is wrong with the interventions; see {@link checkInterventions}.
 */
export function splice(
  bases: Bases,
  list: readonly Numbered[],
  observed: readonly Observed[],
  { lift = false }: { readonly lift?: boolean } = {},
): Spliced {
  const { model, sizes } = bases
  const interventions = list.map(({ intervention }) => intervention)
  checkInterventions(model, interventions)
  const looksAhead = interventions.some(({ causal }) => causal === false)
  checkTogether(model, sizes, bases.graph(looksAhead), list)

  const inOrder = [...list].sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
  const onGradient = ({ intervention }: Numbered) => ofGradient(intervention.at)
  const replicas = new Set(
    [...interventions.flatMap(sitesOf), ...sitesIn(observed)].flatMap(({ replica }) => replica ?? []),
  )
  replicas.delete('main')
  const base = bases.graph(looksAhead, [...replicas])
  const early = inOrder.filter((one) => !onGradient(one))
  const late = inOrder.filter(onGradient)
  const spliced = applyInterventions(base, model, sizes, early, lift)
  const form = () => formOf([looksAhead, [...replicas], spliced.form(), late])
  return { ...spliced, form, late }
}

/** The steps after the splice: the passes, and (for `gradients`) the backward pass with interventions on gradients. */
export function complete(
  { model, sizes }: Bases,
  { graph: forward, splices, late }: Spliced,
  { observed, gradients, gradientOf = 'loss', without }: IntervenedOptions,
): IntervenedGraph {
  const seen = sitesIn(observed)
  const values = seen.filter((site) => !ofGradient(site))
  const visible = observeSelections(forward(), model, sizes, values)
  const { graph: observable, scalar } = withScalar(visible, model, sizes, gradientOf)
  // Points that interventions on gradients write and read must survive the passes, and be formed.
  const written = late.map(({ intervention: { at } }) => pointInReplica(at.point, at.replica))
  const used = [...late.flatMap(({ intervention }) => sitesOf(intervention)), ...seen.filter(ofGradient)]
  const usedPoints = used.map(({ point, replica }) => pointInReplica(point, replica))
  const names = [...observed.map(observedPoint), ...usedPoints, ...(gradients ? [scalar] : [])]
  const lean = runPasses(observable, hear(names, observable), without)
  if (!gradients) return { graph: lean, splices }
  const backward = applyInterventions(differentiate(lean, scalar, written), model, sizes, late)
  const graph = observeSelections(backward.graph(), model, sizes, seen.filter(ofGradient))
  return { graph, splices: [...splices, ...backward.splices] }
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
  options: IntervenedOptions,
): IntervenedGraph {
  const bases = new Bases(model, sizes)
  return complete(bases, splice(bases, list, options.observed), options)
}

function sitesIn(observed: readonly Observed[]): Site[] {
  return observed.filter((one) => typeof one !== 'string')
}

/** A graph with a point that holds the number to differentiate. */
function withScalar(graph: Graph, model: Model, sizes: Sizes, of: string | Site): { graph: Graph; scalar: string } {
  if (typeof of === 'string') return { graph, scalar: of }
  const builder = new GraphBuilder(graph)
  const value = readSite(builder, model, sizes, of)
  const { shape } = builder.node(value)
  if (sizeOf(shape) !== 1) {
    const where = `gradientOf: ${showSite(of)}`
    throw new OpsinError('VALUE', { where, expected: 'one number', got: showShape(shape) })
  }
  const scalar = `gradient-of(${pointInReplica(of.point, of.replica)})`
  builder.point(scalar, builder.op('reshape', [value], { shape: [] }))
  return { graph: builder.build(), scalar }
}

/** The reads that the passes must preserve. A name that does not exist throws where it is read. */
function hear(names: readonly string[], graph: Graph): Reads {
  const there = [...new Set(names)].filter((name) => forwardName(name) in graph.points)
  return { values: [...new Set(there.map(forwardName))], gradients: there.filter(isGradient).map(forwardName) }
}
