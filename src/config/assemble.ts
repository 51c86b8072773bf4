import type { Model } from '../architectures/define.ts'
import { type InputsJson, inputsFrom } from '../architectures/presets/inputs-json.ts'
import { type NamedArchitecture, namedArchitectures } from '../architectures/presets/table.ts'
import { defined } from '../core/defined.ts'
import { OpsinError } from '../core/errors.ts'
import { fromIclDynamics } from '../interventions/from-icl-dynamics.ts'
import { interventionsFrom } from '../interventions/from-json.ts'
import { optimizerFrom } from '../optimizers/from-config.ts'
import type { Probe } from '../probes/define.ts'
import { namedProbes } from '../probes/table.ts'
import type { Task } from '../tasks/define.ts'
import type { NamedFeatures } from '../tasks/few-shot-features.ts'
import { namedTasks } from '../tasks/table.ts'
import type { TrainOptions } from '../train/options.ts'
import { type Modules, modelFromModule, optimizerFromModule, probeFromModule, sourcesOf } from './from-module.ts'
import { isReference } from './module.ts'
import type { RunConfig } from './run.ts'

/** A run, ready to train. */
export interface AssembledRun {
  readonly model: Model
  readonly task: Task
  readonly options: TrainOptions
}

/** How the files that a configuration names are read; paths are as written there. */
export interface Surroundings extends Modules {
  readFeatures(path: string): NamedFeatures
  /** The task that a module of the user's own makes. */
  loadTask(path: string, options: Readonly<Record<string, unknown>>, name?: string): Promise<Task>
}

/** The default number of checkpoints of a run. */
const CHECKPOINTS = 10

/**
 * Builds the run that a configuration describes. The model's inputs are by default those of the task.
 *
 * @throws OpsinError for values that do not fit.
 */
export async function assemble(config: RunConfig, around: Surroundings): Promise<AssembledRun> {
  const { sequences, batch, seed, engine, optimizer, probes, evaluations, evaluateAt, checkpointEvery } = config
  const task = await taskOf(config, around)
  const model = await modelOf(config, task, around)
  const interventions = [
    ...interventionsFrom(config.interventions ?? [], await sourcesOf(config.sources ?? [], around)),
    ...(config.iclDynamics === undefined ? [] : fromIclDynamics(model, config.iclDynamics)),
  ]
  const options = defined({
    sequences,
    batch,
    seed,
    engine,
    interventions,
    optimizer: optimizer && (await optimizerOf(optimizer, around)),
    probes: probes && (await Promise.all(probes.map((probe) => probeOf(probe, around)))),
    evaluations,
    evaluateAt,
    checkpointEvery: checkpointEvery ?? Math.ceil(sequences / CHECKPOINTS),
  })
  return { model, task, options: options as unknown as TrainOptions }
}

async function taskOf({ task = {} }: RunConfig, { readFeatures, loadTask }: Surroundings): Promise<Task> {
  if ('module' in task) return loadTask(task.module, task.options ?? {}, task.export)
  const { name = 'few-shot', ...options } = task
  const { features } = options as { readonly features?: unknown }
  const read = typeof features === 'string' ? { ...options, features: readFeatures(features) } : options
  return namedTasks[name].make(read as object)
}

/** The model; its vocabulary, inputs and outputs are by default those of the task. */
async function modelOf({ model }: RunConfig, task: Task, around: Surroundings): Promise<Model> {
  if (isReference(model)) return modelFromModule(model, around)
  const { architecture = 'attention-only', ...options } = model
  const { make, table }: NamedArchitecture = namedArchitectures[architecture]
  const { vocab, outputs } = task.sizes
  const told = {
    ...('inputs' in table && !('inputs' in options) ? { inputs: inputsOf(task) } : {}),
    ...('vocab' in table && vocab !== undefined ? { vocab } : {}),
    ...('outputs' in table && outputs !== undefined ? { outputs } : {}),
  }
  return make({ ...told, ...defined(options) })
}

function inputsOf({ name, sizes }: Task): InputsJson {
  const inputs = inputsFrom(sizes)
  if (inputs !== undefined) return inputs
  throw new OpsinError('VALUE', {
    where: 'model: inputs',
    expected: `to be given, since the sizes of the task "${name}" do not say which`,
    got: 'nothing',
    hint: `A task tells a model its inputs by its sizes, as { vocab } or { features, labels }; here they are ${JSON.stringify(sizes)}.`,
  })
}

async function optimizerOf(optimizer: NonNullable<RunConfig['optimizer']>, around: Surroundings) {
  return isReference(optimizer) ? optimizerFromModule(optimizer, around) : optimizerFrom(optimizer)
}

async function probeOf(probe: NonNullable<RunConfig['probes']>[number], around: Surroundings): Promise<Probe> {
  if (isReference(probe)) return probeFromModule(probe, around)
  const { kind, ...options } = probe
  return namedProbes[kind].make(defined(options) as { layer: number })
}
