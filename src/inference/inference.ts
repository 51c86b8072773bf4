import type { Model } from '../architectures/define.ts'
import type { Backend } from '../backends/backend.ts'
import type { State } from '../backends/program-io.ts'
import { numbered } from '../compile/intervene.ts'
import { Programs } from '../compile/programs.ts'
import { splitReplica } from '../graph/address.ts'
import { showSite } from '../interventions/at.ts'
import { checkInterventions, requireReadReplicas } from '../interventions/check.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { InputArrays } from './inputs.ts'
import type { Learner } from './learner.ts'
import type { Receipt } from './receipts.ts'
import { type Change, Runner, type Wanted } from './runner.ts'

/** Runs of a model on one engine, with its objective where a run needs it and without where it does not. */
export class Inference {
  readonly #runners = new Map<Model, Runner>()

  constructor(
    readonly learner: Learner,
    readonly backend: Backend,
  ) {}

  /** @throws OpsinError as {@link Runner.prepare}. */
  async run(
    state: State,
    inputs: InputArrays,
    interventions: readonly Intervention[],
    options: Pick<Wanted, 'read' | 'gradientOf' | 'lift'>,
  ) {
    const { learner, backend } = this
    const { read } = options
    checkInterventions(learner.bare, interventions)
    requireReadReplicas(
      interventions,
      read.map((name) => splitReplica(name).replica),
    )
    const runner = this.#runnerOf(learner.for(inputs, read, interventions))
    const run = await runner.prepare(inputs, { ...options, interventions: numbered(interventions), changes: true })
    const { points, changes } = await run(state, inputs)
    return {
      cache: points,
      receipts: changes.map((change, i) => receiptOf(change, interventions[i])),
      engine: backend.name,
    }
  }

  #runnerOf(model: Model): Runner {
    const runner = this.#runners.get(model) ?? new Runner(new Programs(this.backend, model))
    this.#runners.set(model, runner)
    return runner
  }
}

function receiptOf({ index, elements, largest }: Change, { kind, at }: Intervention): Receipt {
  return { index, kind, at: showSite(at), fired: 1, elements, largestChange: largest }
}
