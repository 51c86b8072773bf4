import { type AttentionOnlyOptions, attentionOnly } from '../architectures/attention-only/index.ts'
import { type Inputs, inputsFrom } from '../architectures/attention-only/inputs.ts'
import type { Model } from '../architectures/define.ts'
import { defined } from '../core/defined.ts'
import { OpsinError } from '../core/errors.ts'
import { fromIclDynamics, type IclDynamicsOptions } from '../interventions/from-icl-dynamics.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { optimizerFrom } from '../optimizers/index.ts'
import type { Probe } from '../probes/define.ts'
import { accuracyProbe, inContextAccuracyProbe, inductionStrength, lossProbe } from '../probes/index.ts'
import type { Task } from '../tasks/define.ts'
import { fewShot } from '../tasks/few-shot.ts'
import type { NamedFeatures } from '../tasks/few-shot-features.ts'
import type { FewShotOptions } from '../tasks/few-shot-options.ts'
import type { TrainOptions } from '../train/options.ts'
import type { RunConfig } from './schema.ts'

/** A run, ready to train. */
export interface AssembledRun {
  readonly model: Model
  readonly task: Task
  readonly options: TrainOptions
}

/** How what a configuration names is read; paths are as written there. */
export interface Surroundings {
  readFeatures(path: string): NamedFeatures
  /** The task that a module of the user's own makes. */
  loadTask(path: string, options: Readonly<Record<string, unknown>>): Promise<Task>
}

/** How many checkpoints a run offers when nobody says. */
const CHECKPOINTS = 10

/**
 * Builds what a configuration describes. Where it does not say the model's inputs, they are those of the task.
 *
 * @throws OpsinError whatever the library finds wrong about the values.
 */
export async function assemble(config: RunConfig, around: Surroundings): Promise<AssembledRun> {
  const { sequences, batch, seed, engine, optimizer, probes, evaluations, evaluateAt, checkpointEvery } = config
  const task = await taskOf(config, around)
  const { architecture: _, ...shape } = config.model
  const model = attentionOnly({ ...shape, inputs: shape.inputs ?? inputsOf(task) } as AttentionOnlyOptions)
  const interventions = [
    ...((config.interventions ?? []) as unknown as Intervention[]),
    ...(config.iclDynamics === undefined ? [] : fromIclDynamics(model, config.iclDynamics as IclDynamicsOptions)),
  ]
  const options = defined({
    sequences,
    batch,
    seed,
    engine,
    interventions,
    optimizer: optimizer && optimizerFrom(optimizer),
    probes: probes?.map(probeOf),
    evaluations,
    evaluateAt,
    checkpointEvery: checkpointEvery ?? Math.ceil(sequences / CHECKPOINTS),
  })
  return { model, task, options: options as unknown as TrainOptions }
}

async function taskOf({ task = {} }: RunConfig, { readFeatures, loadTask }: Surroundings): Promise<Task> {
  if ('module' in task) return loadTask(task.module, task.options ?? {})
  const { name: _, features, ...rest } = task
  const source = typeof features === 'string' ? readFeatures(features) : features
  return fewShot(defined({ ...rest, features: source }) as FewShotOptions)
}

function inputsOf({ name, sizes }: Task): Inputs {
  const inputs = inputsFrom(sizes)
  if (inputs !== undefined) return inputs
  throw new OpsinError('VALUE', {
    where: 'model: inputs',
    expected: `to be given, since the sizes of the task "${name}" do not say which`,
    got: 'nothing',
    hint: `A task tells a model its inputs by its sizes, as { vocab } or { features, labels }; here they are ${JSON.stringify(sizes)}.`,
  })
}

function probeOf({ kind, ...options }: NonNullable<RunConfig['probes']>[number]): Probe {
  return probes[kind](defined(options) as { layer: number })
}

const probes = {
  loss: lossProbe,
  accuracy: accuracyProbe,
  'in-context-accuracy': inContextAccuracyProbe,
  'induction-strength': inductionStrength,
} as const
