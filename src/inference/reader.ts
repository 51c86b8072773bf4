import type { Model, Sizes } from '../architectures/define.ts'
import type { Backend, Program } from '../backends/backend.ts'
import { feedersOf, inputViews, readPoint, type State, writeInputs, writeState } from '../backends/program-io.ts'
import { type IntervenedGraph, intervene, type Numbered } from '../compile/intervene.ts'
import type { Tensor } from '../core/tensor.ts'
import { isGradient, splitReplica } from '../graph/address.ts'
import { prune } from '../graph/passes/prune.ts'
import type { Splice } from '../interventions/apply.ts'
import { axesOfPoint } from '../interventions/at.ts'
import type { Site } from '../interventions/define.ts'
import { allFinite, type InputArrays, type InputNodes, inputsOf, requireFiniteInputs, requireInputs } from './inputs.ts'
import { notFinite } from './not-finite.ts'

/** A graph under interventions, and what its model reads. */
interface Built extends IntervenedGraph {
  readonly known: InputNodes
}

interface Loaded {
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  readonly feed: ReturnType<typeof feedersOf>
  readonly splices: readonly Splice[]
}

export interface ReaderOptions {
  readonly backend: Backend
  readonly model: Model
  readonly interventions: readonly Numbered[]
  readonly points: readonly string[]
  /** Whose gradients they are; default `loss`. */
  readonly gradientOf?: string | Site | undefined
}

/**
 * Reads hook points of a model under interventions, without training it: a forward pass (and a backward one, where a
 * point is a gradient) that computes nothing else. Compiled once per size of batch.
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #built = new Map<string, Built>()
  readonly #plans = new Map<string, Loaded>()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /**
   * Copies of the points' values on these inputs (batch and tables together).
   *
   * @param step for values that are functions of the step, such as weights of losses.
   * @throws OpsinError as {@link check}; `NOT_FINITE` where a value is, naming the point that went bad first.
   */
  read(state: State, inputs: InputArrays, step = 0): { points: Record<string, Tensor>; splices: readonly Splice[] } {
    const { backend, model, points: names } = this.#options
    const { program, inputs: views, feed, splices } = this.#load(inputs)
    writeState(program, state)
    writeInputs(views, inputs)
    feed(step)
    program.compute()
    const points = Object.fromEntries(names.map((name) => [name, readPoint(program, name, pointAxes(model, name))]))
    if (Object.values(points).every(({ data }) => allFinite(data))) return { points, splices }
    throw notFinite({ backend, graph: program.graph, state, inputs, step })
  }

  /** Throws OpsinError for whatever does not fit about inputs, points and interventions. Nothing is computed. */
  check(inputs: InputArrays): void {
    this.#build(inputs)
  }

  #load(inputs: InputArrays): Loaded {
    const { key, graph, splices } = this.#build(inputs)
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    requireFiniteInputs(inputs)
    const { backend, points } = this.#options
    const program = backend.load(prune(graph, points), { keep: points })
    const loaded = { program, inputs: inputViews(program), feed: feedersOf(program), splices }
    this.#plans.set(key, loaded)
    return loaded
  }

  #build(inputs: InputArrays): Built & { readonly key: string } {
    const { model } = this.#options
    const sizes = model.sizes(inputs)
    const key = JSON.stringify(sizes)
    const built = this.#built.get(key) ?? { ...this.#intervene(sizes), known: inputsOf(model, sizes) }
    this.#built.set(key, built)
    requireInputs(built.known, inputs)
    return { key, ...built }
  }

  #intervene(sizes: Sizes): IntervenedGraph {
    const { model, interventions, points, gradientOf } = this.#options
    for (const name of points) pointAxes(model, name)
    const gradients = [...points, ...interventions.map(({ intervention }) => intervention.at.point)].some(isGradient)
    return intervene(model, sizes, interventions, { observed: points, gradients, gradientOf })
  }
}

/** The axes of a point, in whatever replica; those of an intervention's own points are not known. */
export function pointAxes(model: Model, name: string): readonly string[] | undefined {
  return name.startsWith('interventions.') ? undefined : axesOfPoint(model, splitReplica(name).point)
}
