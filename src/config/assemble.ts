import { type AttentionOnlyOptions, attentionOnly } from '../architectures/attention-only/index.ts'
import type { Model } from '../architectures/define.ts'
import { fromIclDynamics, type IclDynamicsOptions } from '../interventions/from-icl-dynamics.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Probe } from '../probes/define.ts'
import { accuracyProbe, inContextAccuracyProbe, inductionStrength, lossProbe } from '../probes/index.ts'
import { type FewShot, fewShot } from '../tasks/few-shot.ts'
import type { NamedFeatures } from '../tasks/few-shot-features.ts'
import type { FewShotOptions } from '../tasks/few-shot-options.ts'
import { optimizerFrom } from '../train/optimizers/index.ts'
import type { TrainOptions } from '../train/options.ts'
import type { RunConfig } from './schema.ts'

/** A run, ready to train. */
export interface AssembledRun {
  readonly model: Model
  readonly task: FewShot
  readonly options: TrainOptions
}

/** How many checkpoints a run offers when nobody says. */
const CHECKPOINTS = 10

/**
 * Builds what a configuration describes.
 *
 * @param readFeatures reads the file that the task's features name.
 * @throws OpsinError whatever the library finds wrong about the values.
 */
export function assemble(config: RunConfig, readFeatures: (path: string) => NamedFeatures): AssembledRun {
  const { sequences, batch, seed, engine, optimizer, probes, evaluations, evaluateAt, checkpointEvery } = config
  const task = taskOf(config, readFeatures)
  const { architecture: _, ...shape } = config.model
  const inputs = { kind: 'exemplars', features: task.sizes.features, labels: task.sizes.labels } as const
  const model = attentionOnly({ ...shape, inputs } as AttentionOnlyOptions)
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

function taskOf({ task = {} }: RunConfig, readFeatures: (path: string) => NamedFeatures): FewShot {
  const { name: _, features, ...rest } = task
  const source = typeof features === 'string' ? readFeatures(features) : features
  return fewShot(defined({ ...rest, features: source }) as FewShotOptions)
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

/** Without the fields that are not there. */
function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
