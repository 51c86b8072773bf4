import type { FloatArray } from '../core/dtype.ts'
import { within } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Probe } from '../probes/define.ts'
import { type Checkpoint, shapedState } from './checkpoint.ts'
import { type EvaluationRecord, nameOfSet } from './evaluate.ts'
import type { TrainEvent } from './events.ts'
import { activeInSet, type Prepared } from './prepare.ts'
import type { TrainingRun } from './run.ts'

/** One training run from its first step to its end: the order of events. The trainer makes the steps. */
export class TrainingLoop {
  #records: EvaluationRecord[]
  /** Those on the schedule; an evaluation at an end that is not would not be there in a longer run. */
  readonly #kept: EvaluationRecord[]

  constructor(readonly prepared: Prepared) {
    this.#records = [...(prepared.options.resume?.records ?? [])]
    this.#kept = [...this.#records]
  }

  async *events(): AsyncGenerator<TrainEvent, TrainingRun, void> {
    const { trainer, schedule, options, identity } = this.prepared
    const { steps } = schedule
    await this.prepared.breath.take()
    yield { type: 'start', step: trainer.step, steps, engine: identity.engine }
    while (true) {
      const resumed = options.resume?.step === trainer.step
      // A checkpoint has the evaluations of its own step, but not what an end adds to the schedule.
      if (!resumed) yield* this.#measure()
      else if (schedule.isMoreDue(trainer.step)) yield* this.#measureAgain()
      if (trainer.step >= steps) break
      if (schedule.checkpointDue(trainer.step) && !resumed) yield { type: 'checkpoint', checkpoint: this.#checkpoint() }
      yield* this.#changes()
      yield* this.#stretch()
    }
    const run = this.#finish()
    yield { type: 'checkpoint', checkpoint: run.checkpoint }
    return run
  }

  /** The change of active interventions since the last step, which may have run in another process. */
  *#changes(): Generator<TrainEvent, void, void> {
    const { trainer } = this.prepared
    const { step } = trainer
    const at = (when: number) => trainer.active('train', when).map(({ index }) => index)
    const [before, now] = [step === 0 ? [] : at(step - 1), at(step)]
    if (String(now) !== String(before)) yield { type: 'interventions', step, active: now }
  }

  /** Steps until an event is due, with regular progress. */
  async *#stretch(): AsyncGenerator<TrainEvent, void, void> {
    const { trainer, task, schedule, options } = this.prepared
    const { batch } = schedule
    let [started, first] = [performance.now(), trainer.step]
    do {
      options.signal?.throwIfAborted()
      const loss = await trainer.train(task.batch(trainer.step, batch))
      if (options.onStep) await options.onStep({ step: trainer.step - 1, loss, values: trainer.observed() })
      if (!this.prepared.breath.isDue) continue
      const msPerStep = (performance.now() - started) / (trainer.step - first)
      yield { type: 'progress', step: trainer.step, sequences: trainer.step * batch, loss, msPerStep }
      await this.prepared.breath.take()
      ;[started, first] = [performance.now(), trainer.step]
    } while (!schedule.somethingDue(trainer.step))
  }

  /** The evaluations that are due now. */
  async *#measure(): AsyncGenerator<TrainEvent, void, void> {
    const { trainer, schedule, task, sets, receipts } = this.prepared
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
    await trainer.measure(task.batch(step, schedule.batch))
    // Interventions that never act in training fire at evaluations.
    if (sets.every(({ interventions }) => interventions !== undefined)) return
    for (const { index, intervention } of trainer.active('eval')) {
      if (intervention.phase?.includes('train') === false) receipts.count(index)
    }
  }

  /** An end that was reached before the run stopped: its full records in place of those that were on the schedule. */
  async *#measureAgain(): AsyncGenerator<TrainEvent, void, void> {
    const { trainer, schedule } = this.prepared
    const { step } = trainer
    const full = await this.#evaluate(schedule.probesDue(step))
    this.#records = [...this.#records.filter((record) => record.step !== step), ...full]
    for (const record of full) yield { type: 'evaluation', ...record }
  }

  async #evaluate(probes: readonly Probe[]): Promise<EvaluationRecord[]> {
    const { trainer, schedule, evaluator, sets } = this.prepared
    const { step } = trainer
    const state = trainer.state()
    const records: EvaluationRecord[] = []
    for (const set of sets) {
      const name = nameOfSet(set)
      try {
        const values = await evaluator.measure(set, probes, activeInSet(set, this.prepared, step), state, step)
        records.push({ step, sequences: step * schedule.batch, set: name, values })
      } catch (error) {
        throw within(`step ${step}, evaluation "${name}"`, error)
      }
    }
    return records
  }

  /** The run as it is now. @throws OpsinError `NOT_FINITE`: a state that cannot be resumed is no checkpoint. */
  #checkpoint(): Checkpoint {
    const { trainer, model, identity, receipts } = this.prepared
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
    const { model, schedule, identity } = this.prepared
    const parameters = model.parameters.map(({ name }) => [name, checkpoint.state[name] as Tensor<FloatArray>])
    return {
      engine: identity.engine,
      steps: checkpoint.step,
      sequences: checkpoint.step * schedule.batch,
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
