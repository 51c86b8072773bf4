import type { Sizes } from '../architectures/define.ts'
import type { ProfileListener, Program } from '../backends/backend.ts'
import { readPoint, readState, type State, writeInputs, writeState } from '../backends/program-io.ts'
import { activeAmong, type Numbered } from '../compile/intervene.ts'
import type { Loaded, Programs, Request } from '../compile/programs.ts'
import { OpsinError, within } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { PassName } from '../graph/passes/index.ts'
import { batchCheck, type InputArrays } from '../inference/inputs.ts'
import { notFinite, requireFiniteState } from '../inference/not-finite.ts'
import type { Receipts } from '../inference/receipts.ts'
import { Runner, type Wanted } from '../inference/runner.ts'
import type { Phase, Site } from '../interventions/define.ts'
import { assign, type Trained, trainedAt } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import type { Groups } from '../optimizers/groups.ts'
import { liveValues, type Observation } from './observe.ts'

export interface TrainerOptions {
  readonly programs: Programs
  readonly optimizer: Optimizer | Groups
  readonly interventions: readonly Numbered[]
  readonly receipts: Receipts
  /** Inputs that stay the same. */
  readonly tables: InputArrays
  /** The sizes of a batch; every batch has the same. */
  readonly sizes: Sizes
  /** Parameters, and the optimiser's state of a resumed run. */
  readonly state: State
  readonly step?: number
  /** Points to keep readable after each step. */
  readonly observed?: readonly Site[] | undefined
  readonly without?: readonly PassName[] | undefined
  readonly profile?: ProfileListener | undefined
}

/** The program of the last step. */
interface Current extends Loaded {
  /** The active interventions and trained groups, as a key. */
  readonly key: string
  /** The scalar loss, live. */
  readonly loss: ArrayLike<number>
  /** Views of the observed points, made when first needed. */
  values?: Observation['values']
}

/**
 * A model in training: the state and, for every set of interventions that are active together and of groups that are
 * trained together, a compiled step over it. It takes batches and returns losses; schedules and events belong to the loop.
 */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #trained: readonly Trained[]
  readonly #runner: Runner
  readonly #checkBatch: (batch: InputArrays) => void
  #current: Current | undefined
  #active: readonly Numbered[] = []
  /** The state that the current program started from; it also holds the state of parameters that this program lacks. */
  #state: State
  #step: number

  constructor(options: TrainerOptions) {
    this.#options = options
    const { model } = options.programs
    this.#runner = new Runner(options.programs)
    this.#checkBatch = batchCheck(model, options.sizes, options.tables)
    this.#trained = assign(options.optimizer, model.parameters)
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
   * @throws OpsinError `NOT_FINITE` where the last update left NaN or infinity: such a state is never handed out.
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

  /** The sets of interventions active at a step in training and in evaluation; one where they are equal. */
  #sets(step: number): Numbered[][] {
    const sets = [this.active('train', step), this.active('eval', step)]
    return keyOf(sets[0]) === keyOf(sets[1]) ? sets.slice(1) : sets
  }

  /** Throws OpsinError for observed points and active interventions of a step that do not fit. */
  check(step: number): void {
    const { programs, sizes } = this.#options
    programs.compile(sizes, this.#request(this.active('train', step), step))
    for (const active of this.#sets(step)) this.#runner.check(sizes, changesOf(active))
  }

  /**
   * One step on a batch: forward, backward, update. Gives the batch's loss before the update.
   *
   * @throws OpsinError for a batch that does not fit, before anything is computed; `NOT_FINITE` naming the parameter or
   * hook point that went bad first. The state stays what it was.
   */
  async train(batch: InputArrays): Promise<number> {
    this.#now(() => this.#checkBatch(batch))
    const { inputs, feed, program, loss } = await this.#load(batch)
    writeInputs(inputs, batch)
    feed(this.#step)
    await program.compute()
    if (!Number.isFinite(loss[0])) throw await this.#notFinite(program, batch)
    await program.update()
    for (const { index } of this.#active) this.#options.receipts.count(index)
    this.#step++
    return loss[0]
  }

  /** Records in the receipts the changes of the active interventions on a batch. */
  async measure(batch: InputArrays): Promise<void> {
    const state = this.state()
    const inputs = { ...this.#options.tables, ...batch }
    try {
      this.#checkBatch(batch)
      for (const active of this.#sets(this.#step)) {
        if (active.length === 0) continue
        const run = await this.#runner.prepare(inputs, changesOf(active))
        this.#options.receipts.note((await run(state, inputs, this.#step)).changes)
      }
    } catch (error) {
      throw within(`step ${this.#step}`, error)
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
    const { programs, observed = [] } = this.#options
    if (this.#current === undefined) return {}
    this.#current.values ??= liveValues(this.#current.program, programs.model, observed)
    return this.#current.values
  }

  /** The compiled step for the active interventions and trained groups, with the state in it. */
  async #load(batch: InputArrays): Promise<Current> {
    const active = this.active('train')
    const trained = trainedAt(this.#trained, this.#step)
    const key = [keyOf(active), ...trained.map(({ name }) => name)].join(' ')
    if (key === this.#current?.key) return this.#current
    const { programs, sizes, tables } = this.#options
    const state = this.state()
    const loaded = await programs.compile(sizes, this.#request(active, this.#step)).load()
    const { program } = loaded
    writeInputs(loaded.inputs, tables)
    writeState(program, state)
    this.#state = state
    this.#active = active
    this.#current = { ...loaded, key, loss: program.view(program.graph.points.loss) }
    // At the first batch under these interventions, and nowhere that depends on where a run was stopped and resumed.
    if (this.#step === 0 || keyOf(this.active('train', this.#step - 1)) !== keyOf(active)) await this.measure(batch)
    return this.#current
  }

  #request(interventions: readonly Numbered[], step: number): Request {
    const { observed = [], optimizer, without, profile } = this.#options
    return { interventions, read: ['loss', ...observed], update: { optimizer, step }, without, profile }
  }

  /** Runs a function; its errors name the step. */
  #now<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw within(`step ${this.#step}`, error)
    }
  }

  /** The first value that is not finite: the step is computed once more, without the update that it never made. */
  async #notFinite({ graph }: Program, batch: InputArrays): Promise<unknown> {
    const { programs, tables } = this.#options
    const { backend } = programs
    const computation = { backend, graph, state: this.state(), inputs: { ...tables, ...batch }, step: this.#step }
    return within(`step ${this.#step}`, await notFinite(computation))
  }
}

function changesOf(interventions: readonly Numbered[]): Wanted {
  return { interventions, read: [], changes: true }
}

function keyOf(active: readonly Numbered[]): string {
  return active.map(({ index }) => index).join()
}
