import type { Model } from '../architectures/define.ts'
import { isGradient, splitReplica } from '../graph/address.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Objective } from '../objectives/objective.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { type InputArrays, inputsOf } from './inputs.ts'

/** A model without and with its objective: a run without targets that reads no loss uses the first. */
export class Learner {
  readonly #whole: Model
  readonly #judged = new Map<string, boolean>()
  /** The default objective fits one read-out; several need an objective that weights them, or have no loss. */
  readonly #fits: boolean

  constructor(
    readonly bare: Model,
    objective?: Objective,
  ) {
    this.#whole = withObjective(bare, objective)
    this.#fits = objective !== undefined || Object.keys(bare.readouts).length === 1
  }

  /** Whether the inputs include any that only the objective reads. */
  isJudged(inputs: InputArrays): boolean {
    if (!this.#fits) return false
    const names = Object.keys(inputs ?? {})
    const key = JSON.stringify(names)
    const known = this.#judged.get(key)
    if (known !== undefined) return known
    const sizes = this.bare.sizes(inputs)
    const [own, all] = [this.bare, this.#whole].map((model) => inputsOf(model, sizes))
    const judged = names.some((name) => all.has(name) && !own.has(name))
    this.#judged.set(key, judged)
    return judged
  }

  /** The model that a run needs, of the two. */
  for(inputs: InputArrays, read: readonly string[], interventions: readonly Intervention[]): Model {
    if (Object.keys(this.bare.readouts).length === 0) return this.bare
    const losses = ['loss', ...Object.values(this.bare.readouts).map(({ loss }) => loss)]
    const needsLoss = (name: string) => isGradient(name) || losses.includes(splitReplica(name).point)
    const points = [...read, ...interventions.map(({ at }) => at.point)]
    return points.some(needsLoss) || this.isJudged(inputs) ? this.#whole : this.bare
  }
}
