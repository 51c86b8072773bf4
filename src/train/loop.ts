import type { Model } from '../architectures/define.ts'
import { initialize } from '../architectures/initialize.ts'
import { engine } from '../backends/index.ts'
import { Breath } from '../core/breath.ts'
import type { FloatArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { tensorsHash } from '../core/tensor-hash.ts'
import { Receipts } from '../inference/receipts.ts'
import { checkParameters } from '../inference/state.ts'
import { showSite } from '../interventions/at.ts'
import { checkInterventions } from '../interventions/check.ts'
import { activeAmong, type Numbered, numbered } from '../interventions/intervene.ts'
import { stepAt } from '../interventions/schedule.ts'
import type { Probe } from '../probes/define.ts'
import { accuracyProbe, lossProbe } from '../probes/index.ts'
import type { Task } from '../tasks/define.ts'
import { type Checkpoint, type RunIdentity, requireSameRun, shapedState } from './checkpoint.ts'
import { type EvaluationRecord, type EvaluationSet, Evaluator } from './evaluate.ts'
import type { TrainEvent } from './events.ts'
import { observedSites } from './observe.ts'
import { adam } from './optimizers/adam.ts'
import { checkLengths, checkWithout, type TrainOptions } from './options.ts'
import type { TrainingRun } from './run.ts'
import { Schedule } from './schedule.ts'
import { checkState } from './state.ts'
import { Trainer } from './trainer.ts'

/** One training run from its options to its end: when what happens. What a step is, the trainer knows. */
export class TrainingLoop {
  #records: EvaluationRecord[]
  /** Those on the schedule; an evaluation at an end that is not would not be there in a longer run. */
  readonly #kept: EvaluationRecord[]

  private constructor(
    readonly model: Model,
    readonly task: Task,
    readonly options: TrainOptions,
    readonly trainer: Trainer,
    readonly evaluator: Evaluator,
    readonly receipts: Receipts,
    readonly identity: RunIdentity,
    readonly schedule: Schedule,
    readonly breath: Breath,
  ) {
    this.#records = [...(options.resume?.records ?? [])]
    this.#kept = [...this.#records]
  }

  static async prepare(model: Model, task: Task, options: TrainOptions): Promise<TrainingLoop> {
    const { batch = 32, seed = 5, optimizer = adam({ lr: 1e-5 }), parameters, resume } = options
    checkLengths(options)
    checkWithout(options)
    const observed = observedSites(model, options.observe ?? [])
    const interventions = numbered(options.interventions ?? [])
    checkInterventions(model, options.interventions ?? [])
    const backend = await engine(options.engine)
    const identity: RunIdentity = {
      model: { architecture: model.architecture, ...model.config },
      task: { name: task.name, ...task.config },
      optimizer: optimizer.config,
      interventions: options.interventions ?? [],
      batch,
      seed,
      engine: backend.name,
      ...(parameters === undefined ? {} : { initial: tensorsHash(parameters) }),
      ...(options.without?.length ? { without: [...options.without].sort() } : {}),
    }
    if (resume !== undefined) requireSameRun(resume, identity)
    const tables = task.trainingTables ?? task.tables
    const schedule = new Schedule(options, options.probes ?? [lossProbe(), accuracyProbe()], batch)
    requireOpening(interventions, schedule)
    const initial = parameters ?? initialize(model, seed, backend.precision)
    const receipts = new Receipts(interventions, resume?.receipts)
    const trainer = new Trainer({
      backend,
      model,
      optimizer,
      interventions,
      receipts,
      tables,
      sizes: model.sizes({ ...tables, ...task.batch(0, batch) }),
      state: resume === undefined ? checkParameters(model, initial) : checkState(resume, model, optimizer),
      step: resume?.step ?? 0,
      observed,
      without: options.without,
      profile: options.profile,
    })
    // Whatever is wrong with interventions that come later is better said now.
    for (const step of schedule.stretches()) trainer.check(step)
    for (const set of options.evaluations ?? []) checkInterventions(model, set.interventions ?? [])
    const breath = new Breath(options.signal)
    const evaluator = new Evaluator({ backend, model, task, breath })
    return new TrainingLoop(model, task, options, trainer, evaluator, receipts, identity, schedule, breath)
  }

  async *events(): AsyncGenerator<TrainEvent, TrainingRun, void> {
    const { trainer, schedule, options, identity } = this
    const { steps } = schedule
    await this.breath.take()
    yield { type: 'start', step: trainer.step, steps, engine: identity.engine }
    let active = ''
    while (true) {
      const resumed = options.resume?.step === trainer.step
      // A checkpoint has the evaluations of its own step, but not what an end adds to the schedule.
      if (!resumed) yield* this.#measure()
      else if (schedule.isMoreDue(trainer.step)) yield* this.#measureAgain()
      if (trainer.step >= steps) break
      if (schedule.checkpointDue(trainer.step) && !resumed) yield { type: 'checkpoint', checkpoint: this.#checkpoint() }
      const now = trainer.active('train').map(({ index }) => index)
      if (now.join() !== active) yield { type: 'interventions', step: trainer.step, active: now }
      active = now.join()
      yield* this.#stretch()
    }
    this.receipts.requireFired(numbered(options.interventions ?? []))
    requireFiniteEnd(this.#records)
    const run = this.#finish()
    yield { type: 'checkpoint', checkpoint: run.checkpoint }
    return run
  }

  /** Steps until something is due, looking up now and then. */
  async *#stretch(): AsyncGenerator<TrainEvent, void, void> {
    const { trainer, task, schedule, options } = this
    const { batch } = schedule
    let [started, first] = [performance.now(), trainer.step]
    do {
      options.signal?.throwIfAborted()
      const loss = trainer.train(task.batch(trainer.step, batch))
      if (options.onStep) await options.onStep({ step: trainer.step - 1, loss, values: trainer.observed() })
      if (!this.breath.isDue) continue
      const msPerStep = (performance.now() - started) / (trainer.step - first)
      yield { type: 'progress', step: trainer.step, sequences: trainer.step * batch, loss, msPerStep }
      await this.breath.take()
      ;[started, first] = [performance.now(), trainer.step]
    } while (!schedule.somethingDue(trainer.step))
  }

  /** The evaluations that are due now. */
  async *#measure(): AsyncGenerator<TrainEvent, void, void> {
    const { trainer, schedule, task } = this
    const { step } = trainer
    const due = schedule.probesDue(step)
    if (due.length === 0) return
    const scheduled = schedule.scheduledProbes(step).map(({ name }) => name)
    for (const record of await this.#evaluate(due)) {
      this.#records.push(record)
      if (scheduled.length > 0) this.#kept.push({ ...record, values: pick(record.values, scheduled) })
      yield { type: 'evaluation', ...record }
    }
    if (scheduled.length === 0) return
    trainer.measure(task.batch(step, schedule.batch))
    // What never acts in training fires when the run is measured.
    if (this.#sets().every(({ interventions }) => interventions !== undefined)) return
    for (const { index, intervention } of trainer.active('eval')) {
      if (intervention.phase?.includes('train') === false) this.receipts.count(index)
    }
  }

  /** An end that was reached before the run stopped: its full records in place of those that were on the schedule. */
  async *#measureAgain(): AsyncGenerator<TrainEvent, void, void> {
    const { step } = this.trainer
    const full = await this.#evaluate(this.schedule.probesDue(step))
    this.#records = [...this.#records.filter((record) => record.step !== step), ...full]
    for (const record of full) yield { type: 'evaluation', ...record }
  }

  async #evaluate(probes: readonly Probe[]): Promise<EvaluationRecord[]> {
    const { trainer, schedule, evaluator } = this
    const { step } = trainer
    const state = trainer.state()
    const records: EvaluationRecord[] = []
    for (const set of this.#sets()) {
      const own = set.interventions && activeAmong(numbered(set.interventions), 'eval', { step, batch: schedule.batch })
      const interventions = own ?? trainer.active('eval')
      const values = await evaluator.measure(set, probes, interventions, state)
      records.push({ step, sequences: step * schedule.batch, set: set.name ?? set.evaluator, values })
    }
    return records
  }

  #sets(): readonly EvaluationSet[] {
    return this.options.evaluations ?? [{ evaluator: this.task.evaluators[0] }]
  }

  #checkpoint(): Checkpoint {
    const { trainer, identity, receipts, model } = this
    const shapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]))
    return {
      identity,
      step: trainer.step,
      state: shapedState(trainer.state(), shapes),
      records: [...this.#kept],
      receipts: receipts.list(),
    }
  }

  #finish(): TrainingRun {
    const checkpoint = this.#checkpoint()
    const parameters = this.model.parameters.map(({ name }) => [name, checkpoint.state[name] as Tensor<FloatArray>])
    return {
      engine: this.identity.engine,
      steps: checkpoint.step,
      sequences: checkpoint.step * this.schedule.batch,
      parameters: Object.fromEntries(parameters),
      records: [...this.#records],
      receipts: checkpoint.receipts,
      checkpoint,
    }
  }
}

function pick(values: EvaluationRecord['values'], names: readonly string[]): EvaluationRecord['values'] {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

/** A step that goes wrong is found out by the next one; the last step has only its evaluation to tell. */
function requireFiniteEnd(records: readonly EvaluationRecord[]): void {
  const last = records[records.length - 1]
  for (const { step, set, values } of records) {
    if (step !== last.step) continue
    const bad = Object.keys(values).find((name) => ![values[name]].flat().every(Number.isFinite))
    if (bad === undefined) continue
    throw new OpsinError('NOT_FINITE', {
      where: `step ${step}: ${bad} of "${set}"`,
      expected: 'finite numbers',
      got: 'NaN or infinity after the last step',
      hint: 'Try a lower learning rate.',
    })
  }
}

/** An intervention whose window opens only after the run has ended is a mistake, and better said before the run. */
function requireOpening(interventions: readonly Numbered[], { steps, batch }: Schedule): void {
  for (const { index, intervention } of interventions) {
    const { when, optional } = intervention
    if (when === undefined || optional) continue
    if (stepAt(when.unit, when.from, batch) < steps) continue
    throw new OpsinError('NO_EFFECT', {
      where: `interventions[${index}] (${intervention.kind} ${showSite(intervention.at)})`,
      expected: `a window that opens within the run's ${steps} steps of ${batch} sequences`,
      got: JSON.stringify(when),
      hint: 'Mend the window, train for longer, or mark it { optional: true }.',
    })
  }
}
