import type { Model, Sizes } from '../architectures/define.ts'
import type { Backend, ProfileListener, Program } from '../backends/backend.ts'
import {
  firstNotFinite,
  inputViews,
  readPoint,
  readState,
  type State,
  writeInputs,
  writeState,
} from '../backends/program-io.ts'
import { OpsinError } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { parametersOf } from '../graph/build.ts'
import { gradientName } from '../graph/differentiate.ts'
import type { PassName } from '../graph/passes/index.ts'
import { prune } from '../graph/passes/prune.ts'
import { share } from '../graph/passes/share.ts'
import type { InputArrays } from '../inference/reader.ts'
import type { Receipts } from '../inference/receipts.ts'
import type { Phase, Site } from '../interventions/define.ts'
import { activeAmong, intervene, type Numbered } from '../interventions/intervene.ts'
import { observedPoint } from '../interventions/observed.ts'
import { liveValues, type Observation } from './observe.ts'
import { optimize, ratesInput } from './optimize.ts'
import type { Optimizer } from './optimizers/define.ts'

export interface TrainerOptions {
  readonly backend: Backend
  readonly model: Model
  readonly optimizer: Optimizer
  readonly interventions: readonly Numbered[]
  readonly receipts: Receipts
  /** Inputs that stay the same. */
  readonly tables: InputArrays
  /** Those of a batch; every batch has them. */
  readonly sizes: Sizes
  /** Parameters, and the optimiser's state where a run goes on. */
  readonly state: State
  readonly step?: number
  /** What to keep readable after each step. */
  readonly observed?: readonly Site[] | undefined
  readonly without?: readonly PassName[] | undefined
  readonly profile?: ProfileListener | undefined
}

interface Loaded {
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  /** The scalar loss, live. */
  readonly loss: ArrayLike<number>
  /** What is observed, live; made when first asked for. */
  values?: Observation['values']
}

/**
 * A model in training: the state and, for every set of interventions that are active together, a compiled step over it,
 * made when first needed. It takes batches and gives losses; schedules, logs and files are the loop's.
 */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #plans = new Map<string, Loaded>()
  #current: Loaded | undefined
  #active: readonly Numbered[] = []
  #state: State
  #step: number

  constructor(options: TrainerOptions) {
    this.#options = options
    this.#state = options.state
    this.#step = options.step ?? 0
  }

  /** Steps taken. */
  get step(): number {
    return this.#step
  }

  /** Copies of parameters and optimiser state. */
  state(): State {
    return this.#current === undefined ? this.#state : readState(this.#current.program)
  }

  /** The interventions that are active at the next step, or at the one named. */
  active(phase: Phase, step = this.#step): Numbered[] {
    return activeAmong(this.#options.interventions, phase, { step, batch: this.#options.sizes.batch })
  }

  /** What is active at a step in training and in evaluation: mostly the same, then once. */
  #sets(step: number): Numbered[][] {
    const sets = [this.active('train', step), this.active('eval', step)]
    return keyOf(sets[0]) === keyOf(sets[1]) ? sets.slice(1) : sets
  }

  /** Throws OpsinError for whatever does not fit about what is observed and the interventions active at a step. */
  check(step: number): void {
    const { model, sizes, observed = [] } = this.#options
    for (const active of this.#sets(step)) intervene(model, sizes, active, { observed, gradients: true })
  }

  /**
   * One step on a batch: forward, backward, update. Gives the batch's loss before the update.
   *
   * @throws OpsinError `NOT_FINITE` naming the first hook point that went bad; the state stays what it was.
   */
  train(batch: InputArrays): number {
    const { inputs, program, loss } = this.#load(batch)
    writeInputs(inputs, batch)
    inputs.get(ratesInput)?.view.set(this.#options.optimizer.rates(this.#step))
    program.compute()
    if (!Number.isFinite(loss[0])) throw this.#notFinite(program, batch)
    program.update()
    for (const { index } of this.#active) this.#options.receipts.count(index)
    this.#step++
    return loss[0]
  }

  /** Notes in the receipts what the active interventions change on a batch. */
  measure(batch: InputArrays): void {
    const { receipts, tables } = this.#options
    for (const active of this.#sets(this.#step)) {
      receipts.measure(this.#options, active, this.state(), { ...tables, ...batch })
    }
  }

  /** A copy of a point's value at the last step: one of those observed whole, or `grad(…)` of a parameter. */
  read(point: string): Tensor {
    if (this.#current === undefined) {
      throw new OpsinError('VALUE', { where: `trainer.read("${point}")`, expected: 'a step taken', got: 'none' })
    }
    return readPoint(this.#current.program, point)
  }

  /** The values observed at the last step, live: the next one overwrites them. */
  observed(): Observation['values'] {
    const { model, observed = [] } = this.#options
    if (this.#current === undefined) return {}
    this.#current.values ??= liveValues(this.#current.program, model, observed)
    return this.#current.values
  }

  /** The compiled step for what is active now, with the state in it. */
  #load(batch: InputArrays): Loaded {
    const active = this.active('train')
    if (this.#current !== undefined && keyOf(active) === keyOf(this.#active)) return this.#current
    const state = this.state()
    const loaded = this.#plans.get(keyOf(active)) ?? this.#compile(active)
    this.#plans.set(keyOf(active), loaded)
    writeState(loaded.program, state)
    this.#active = active
    this.#current = loaded
    // At the first batch under these interventions, and nowhere that depends on where a run was stopped and resumed.
    if (this.#step === 0 || keyOf(this.active('train', this.#step - 1)) !== keyOf(active)) this.measure(batch)
    return loaded
  }

  #compile(active: readonly Numbered[]): Loaded {
    const { backend, model, optimizer, tables, sizes, observed = [], without, profile } = this.#options
    const { graph } = intervene(model, sizes, active, { observed, gradients: true, without })
    const read = ['loss', ...observed.map(observedPoint)]
    const step = prune(share(optimize(graph, optimizer)), read)
    const gradients = parametersOf(step).map(({ node }) => gradientName(node.name))
    const program = backend.load(step, { keep: [...read, ...gradients], profile })
    const inputs = inputViews(program)
    writeInputs(inputs, tables)
    return { program, inputs, loss: program.view(program.graph.points.loss) }
  }

  /** What went bad first: the step computed once more, with every value kept, up to the update that it never made. */
  #notFinite(failed: Program, batch: InputArrays): OpsinError {
    const { backend, tables } = this.#options
    const program = backend.load(failed.graph)
    writeState(program, readState(failed))
    writeInputs(inputViews(program), { ...tables, ...batch })
    program.compute()
    return new OpsinError('NOT_FINITE', {
      where: `step ${this.#step}: ${firstNotFinite(program) ?? 'loss'}`,
      expected: 'finite numbers',
      got: 'NaN or infinity, there first',
      hint: 'Try a lower learning rate, or look at the inputs and interventions before this point.',
    })
  }
}

function keyOf(active: readonly Numbered[]): string {
  return active.map(({ index }) => index).join()
}
