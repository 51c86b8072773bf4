import { requireModel } from '../architectures/check.ts'
import { countParameters } from '../architectures/count-parameters.ts'
import type { Model } from '../architectures/define.ts'
import { initialize } from '../architectures/initialize.ts'
import type { Backend } from '../backends/backend.ts'
import { engine } from '../backends/index.ts'
import type { State } from '../backends/program-io.ts'
import { activeAmong, type Numbered, numbered } from '../compile/intervene.ts'
import { Programs } from '../compile/programs.ts'
import { Breath } from '../core/breath.ts'
import { OpsinError } from '../core/errors.ts'
import { tensorsHash } from '../core/tensor-hash.ts'
import { Receipts } from '../inference/receipts.ts'
import { Runner } from '../inference/runner.ts'
import { checkParameters } from '../inference/state.ts'
import { checkInterventions, requireReadReplicas } from '../interventions/check.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { adam } from '../optimizers/adam.ts'
import { assign, requireTurns } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import type { Groups } from '../optimizers/groups.ts'
import type { Probe } from '../probes/define.ts'
import { accuracyProbe, crossEntropyProbe, objectiveProbe } from '../probes/index.ts'
import { checkTask, type Task } from '../tasks/define.ts'
import { type Checkpoint, type RunIdentity, requireCheckpoint, requireFinite, requireSameRun } from './checkpoint.ts'
import { requireEffect } from './effect.ts'
import { type EvaluationSet, Evaluator, requireSequences } from './evaluate.ts'
import { observedSites } from './observe.ts'
import type { TrainOptions } from './options.ts'
import { Schedule } from './schedule.ts'
import { checkState } from './state.ts'
import { Trainer } from './trainer.ts'

/** A run that is known to fit together, before its first step. */
export interface Prepared {
  readonly model: Model
  readonly task: Task
  readonly options: TrainOptions
  readonly identity: RunIdentity
  readonly schedule: Schedule
  readonly sets: readonly EvaluationSet[]
  readonly receipts: Receipts
  readonly trainer: Trainer
  readonly evaluator: Evaluator
  readonly breath: Breath
}

/**
 * Builds a run from its options, which are already checked by themselves. Every error that can be found before the first step, even of
 * a later one, is thrown here.
 *
 * @throws OpsinError for options, interventions, evaluations, inputs or a checkpoint that do not fit.
 */
export async function prepare(given: Model, task: Task, options: TrainOptions): Promise<Prepared> {
  requireModel('train', given)
  checkTask(task)
  const model = withObjective(given, task.objective)
  const { batch = 32, optimizer = adam({ lr: 1e-5 }), interventions = [], resume } = options
  checkInterventions(model, interventions)
  const observed = observedSites(model, options.observe ?? [])
  requireReadReplicas(
    interventions,
    observed.flatMap(({ replica }) => replica ?? []),
  )
  const backend = await engine(options.engine, countParameters(model))
  const start = firstState(model, options, backend)
  const identity = identityOf(model, task, options, optimizer, backend)
  const probes = options.probes ?? usualProbes(task)
  const schedule = new Schedule(options, probes, batch)
  if (resume !== undefined) requireResumable(resume, identity, schedule)
  const sets = probes.length === 0 ? [] : (options.evaluations ?? [firstSet(task)])
  for (const { interventions = [] } of sets) {
    checkInterventions(model, interventions)
    requireReadReplicas(interventions)
  }
  requireEffect(interventions, sets, schedule)
  requireTurns(assign(optimizer, model.parameters), schedule.steps)

  const tables = task.trainingTables ?? task.tables
  const sizes = model.sizes({ ...tables, ...task.batch(0, batch) })
  requireSequences(`task.batch(0, ${batch})`, sizes, batch)
  const receipts = new Receipts(numbered(interventions), resume?.receipts)
  const programs = new Programs(backend, model)
  const trainer = new Trainer({
    programs,
    optimizer,
    interventions: numbered(interventions),
    receipts,
    tables,
    sizes,
    state: resume === undefined ? start : checkState(resume, model, optimizer),
    step: resume?.step ?? 0,
    observed,
    without: options.without,
    profile: options.profile,
  })
  const breath = new Breath(options.signal)
  const evaluator = new Evaluator({ model, runner: new Runner(programs), task, breath })
  const prepared = { model, task, options, identity, schedule, sets, receipts, trainer, evaluator, breath }
  checkAhead(prepared, probes)
  return prepared
}

/** The interventions under which a set is measured at a step: its own, or those of training. */
export function activeInSet(set: EvaluationSet, { trainer, schedule }: Prepared, step: number): Numbered[] {
  if (set.interventions === undefined) return trainer.active('eval', step)
  return activeAmong(numbered(set.interventions), 'eval', { step, batch: schedule.batch })
}

/** Builds, without computing anything, all graphs of training and evaluation that the windows will need. */
function checkAhead(prepared: Prepared, probes: readonly Probe[]): void {
  const { trainer, evaluator, schedule, sets, options } = prepared
  const { interventions = [] } = options
  for (const step of schedule.stretches(interventions)) if (step < schedule.steps) trainer.check(step)
  for (const set of sets) {
    for (const step of schedule.stretches(set.interventions ?? interventions)) {
      evaluator.check(set, probes, activeInSet(set, prepared, step))
    }
  }
}

function firstState(model: Model, { parameters, seed = 5 }: TrainOptions, { precision }: Backend): State {
  return checkParameters(model, parameters ?? initialize(model, seed, precision))
}

function identityOf(
  model: Model,
  task: Task,
  { interventions = [], batch = 32, seed = 5, parameters, without = [] }: TrainOptions,
  optimizer: Optimizer | Groups,
  backend: Backend,
): RunIdentity {
  return {
    model: { architecture: model.architecture, ...model.config },
    task: { name: task.name, ...task.config, ...objectiveOf(task) },
    optimizer: optimizer.config,
    interventions,
    batch,
    seed,
    engine: backend.name,
    ...(parameters === undefined ? {} : { initial: tensorsHash(parameters) }),
    ...(without.length === 0 ? {} : { without: [...without].sort() }),
  }
}

/** The default probes. */
function usualProbes({ objective }: Task): readonly Probe[] {
  return objective === undefined ? [crossEntropyProbe(), accuracyProbe()] : [objectiveProbe()]
}

/** The task's own objective, if it has one. */
function objectiveOf({ objective }: Task): { objective?: object } {
  return objective === undefined ? {} : { objective: { kind: objective.kind, ...objective.options } }
}

/** The default evaluation set. */
function firstSet({ name, evaluators }: Task): EvaluationSet {
  if (evaluators.length > 0) return { evaluator: evaluators[0] }
  throw new OpsinError('VALUE', {
    where: `task "${name}": evaluators`,
    expected: 'at least one name',
    got: '[]',
    hint: 'A run is measured on an evaluator of its task; to measure nothing, say { probes: [] }.',
  })
}

/** Throws OpsinError `CHECKPOINT` for a checkpoint that this run cannot resume from. */
function requireResumable(resume: Checkpoint, identity: RunIdentity, { steps }: Schedule): void {
  requireCheckpoint(resume, 'train: resume')
  requireSameRun(resume, identity)
  requireFinite(resume, 'Go on from an earlier checkpoint.')
  const where = `resume at step ${resume.step}`
  if (resume.step > steps) {
    throw new OpsinError('CHECKPOINT', {
      where,
      expected: `a step of this run, which ends at ${steps}`,
      got: 'one beyond its end',
      hint: 'Train for more sequences.',
    })
  }
  const [expected, got] = [identity.interventions.length, resume.receipts.length]
  if (expected === got) return
  throw new OpsinError('CHECKPOINT', { where, expected: `${expected} receipts`, got: String(got) })
}
