import type { Model, Sizes } from '../architectures/define.ts'
import type { Backend, ProfileListener, Program } from '../backends/backend.ts'
import {
  feedersOf,
  inputViews,
  readPoint,
  readState,
  type State,
  writeInputs,
  writeState,
} from '../backends/program-io.ts'
import { activeAmong, intervene, type Numbered } from '../compile/intervene.ts'
import { OpsinError, within } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { gradientName } from '../graph/address.ts'
import type { PassName } from '../graph/passes/index.ts'
import { prune } from '../graph/passes/prune.ts'
import { share } from '../graph/passes/share.ts'
import { batchCheck, type InputArrays } from '../inference/inputs.ts'
import { notFinite, requireFiniteState } from '../inference/not-finite.ts'
import type { Receipts } from '../inference/receipts.ts'
import type { Phase, Site } from '../interventions/define.ts'
import { observedPoint } from '../interventions/observed.ts'
import { assign, type Trained, trainedAt } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import type { Groups } from '../optimizers/groups.ts'
import { liveValues, type Observation } from './observe.ts'
import { optimize } from './optimize.ts'

export interface TrainerOptions {
  readonly backend: Backend
  readonly model: Model
  readonly optimizer: Optimizer | Groups
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
  /** What is active and who is trained, in one word. */
  readonly key: string
  readonly trained: readonly Trained[]
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  /** Writes the inputs that are functions of the step. */
  readonly feed: ReturnType<typeof feedersOf>
  /** The scalar loss, live. */
  readonly loss: ArrayLike<number>
  /** What is observed, live; made when first asked for. */
  values?: Observation['values']
}

/**
 * A model in training: the state and, for every set of interventions that are active together and of groups that are
 * trained together, a compiled step over it, made when first needed. It takes batches and gives losses; schedules, logs and files are the loop's.
 */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #trained: readonly Trained[]
  readonly #plans = new Map<string, Loaded>()
  readonly #checkBatch: (batch: InputArrays) => void
  #current: Loaded | undefined
  #active: readonly Numbered[] = []
  /** What the current plan started from: it holds the state of all that this plan does not know of. */
  #state: State
  #step: number

  constructor(options: TrainerOptions) {
    this.#options = options
    this.#checkBatch = batchCheck(options.model, options.sizes, options.tables)
    this.#trained = assign(options.optimizer, options.model.parameters)
    this.#state = options.state
    this.#step = options.step ?? 0
  }

  /** Steps taken. */
  get step(): number {
    return this.#step
  }

  /**
   * Copies of parameters and optimiser state.
   *
   * @throws OpsinError `NOT_FINITE` where the last update left NaN or infinity: nobody gets to keep that.
   */
  state(): State {
    if (this.#current === undefined) return this.#state
    const state = { ...this.#state, ...readState(this.#current.program) }
    this.#now(() => requireFiniteState(state))
    return state
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
   * @throws OpsinError for a batch that does not fit, before anything is computed; `NOT_FINITE` naming the parameter or
   * hook point that went bad first. The state stays what it was.
   */
  train(batch: InputArrays): number {
    this.#now(() => this.#checkBatch(batch))
    const { inputs, feed, program, loss } = this.#load(batch)
    writeInputs(inputs, batch)
    feed(this.#step)
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
    const state = this.state()
    this.#now(() => {
      this.#checkBatch(batch)
      for (const active of this.#sets(this.#step)) {
        receipts.measure(this.#options, active, state, { ...tables, ...batch }, this.#step)
      }
    })
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

  /** The compiled step for what is active and who is trained now, with the state in it. */
  #load(batch: InputArrays): Loaded {
    const active = this.active('train')
    const trained = trainedAt(this.#trained, this.#step)
    const key = [keyOf(active), ...trained.map(({ name }) => name)].join(' ')
    if (key === this.#current?.key) return this.#current
    const state = this.state()
    const loaded = this.#plans.get(key) ?? this.#compile(key, active, trained)
    this.#plans.set(key, loaded)
    writeState(loaded.program, state)
    this.#state = state
    this.#active = active
    this.#current = loaded
    // At the first batch under these interventions, and nowhere that depends on where a run was stopped and resumed.
    if (this.#step === 0 || keyOf(this.active('train', this.#step - 1)) !== keyOf(active)) this.measure(batch)
    return loaded
  }

  #compile(key: string, active: readonly Numbered[], trained: readonly Trained[]): Loaded {
    const { backend, model, optimizer, tables, sizes, observed = [], without, profile } = this.#options
    const { graph } = intervene(model, sizes, active, { observed, gradients: true, without })
    const read = ['loss', ...observed.map(observedPoint)]
    const step = prune(share(optimize(graph, optimizer, this.#step)), read)
    const gradients = trained.flatMap(({ parameters }) => parameters.map(gradientName))
    const program = backend.load(step, { keep: [...read, ...gradients], profile })
    const inputs = inputViews(program)
    writeInputs(inputs, tables)
    return { key, trained, program, inputs, feed: feedersOf(program), loss: program.view(program.graph.points.loss) }
  }

  /** Does something; its errors say at which step. */
  #now(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw within(`step ${this.#step}`, error)
    }
  }

  /** What went bad first: the step computed once more, up to the update that it never made. */
  #notFinite({ graph }: Program, batch: InputArrays): unknown {
    const { backend, tables } = this.#options
    const computation = { backend, graph, state: this.state(), inputs: { ...tables, ...batch }, step: this.#step }
    return within(`step ${this.#step}`, notFinite(computation))
  }
}

function keyOf(active: readonly Numbered[]): string {
  return active.map(({ index }) => index).join()
}
