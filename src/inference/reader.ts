import type { Model } from '../architectures/define.ts'
import type { Backend, Program } from '../backends/backend.ts'
import { inputViews, readPoint, type State, writeInputs, writeState } from '../backends/program-io.ts'
import type { Tensor } from '../core/tensor.ts'
import { prune } from '../graph/passes/prune.ts'
import type { Splice } from '../interventions/apply.ts'
import { axesOfPoint } from '../interventions/at.ts'
import { intervene, type Numbered } from '../interventions/intervene.ts'

/** Arrays by input name. */
export type InputArrays = Readonly<Record<string, Tensor>>

interface Loaded {
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  readonly splices: readonly Splice[]
}

export interface ReaderOptions {
  readonly backend: Backend
  readonly model: Model
  readonly interventions: readonly Numbered[]
  readonly points: readonly string[]
}

/**
 * Reads hook points of a model under interventions, without training it: a forward pass (and a backward one, where a
 * point is a gradient) that computes nothing else. Compiled once per size of batch.
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #plans = new Map<string, Loaded>()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** Copies of the points' values on these inputs (batch and tables together). */
  read(state: State, inputs: InputArrays): { points: Record<string, Tensor>; splices: readonly Splice[] } {
    const loaded = this.#load(inputs)
    writeState(loaded.program, state)
    writeInputs(loaded.inputs, inputs)
    loaded.program.compute()
    const points = Object.fromEntries(
      this.#options.points.map((name) => [name, readPoint(loaded.program, name, this.#axes(name))]),
    )
    return { points, splices: loaded.splices }
  }

  #load(given: InputArrays): Loaded {
    const { backend, model, interventions, points } = this.#options
    const sizes = model.sizes(given)
    const key = JSON.stringify(sizes)
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    for (const name of points) this.#axes(name)
    const gradients = [...points, ...interventions.map(({ intervention }) => intervention.at.point)].some((name) =>
      name.includes('grad('),
    )
    const { graph, splices } = intervene(model, sizes, interventions, { observed: points, gradients })
    const program = backend.load(prune(graph, points), { keep: points })
    const loaded = { program, inputs: inputViews(program), splices }
    this.#plans.set(key, loaded)
    return loaded
  }

  #axes(name: string): readonly string[] | undefined {
    return name.startsWith('interventions.') ? undefined : axesOfPoint(this.#options.model, name.replace(/^.*\//, ''))
  }
}
