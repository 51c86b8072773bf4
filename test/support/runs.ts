import {
  ablate,
  at,
  type Checkpoint,
  clamp,
  crossEntropyProbe,
  during,
  duringSteps,
  encodeCheckpoint,
  fewShot,
  type Intervention,
  inductionStrength,
  previousToken,
  scale,
  type TrainEvent,
  type TrainingRun,
  type TrainOptions,
  train,
} from 'opsin'
import { tinyModel } from './models.ts'

export const model = tinyModel()
export const task = fewShot({
  features: { classes: 12, features: 6, seed: 3 },
  classes: 6,
  testClasses: 4,
  evaluationSize: 8,
})

/** Sequences per step in all of these runs. */
export const BATCH = 4

/** Windows that open and close inside a run of 12 steps, in both units. */
export const windows: readonly Intervention[] = [
  ablate(at(model, 'blocks.1.attn.v', { head: 1 }), { when: duringSteps(3, 7) }),
  clamp(at(model, 'blocks.0.attn.pattern', { head: 0 }), previousToken(), { when: during(18, 38) }),
  scale(at(model, 'grad(blocks.1.attn_out)'), 0.5, { when: duringSteps(5) }),
]

export const base = {
  sequences: 48,
  batch: BATCH,
  interventions: windows,
  evaluateAt: 16,
  probes: [crossEntropyProbe(), inductionStrength({ layer: 1, every: 12 })],
} satisfies TrainOptions

/** A run of the tiny model, with everything it told on the way. */
export async function tinyRun(options: Partial<TrainOptions> = {}) {
  const events: TrainEvent[] = []
  const run = await train(model, task, { ...base, onEvent: (event) => void events.push(event), ...options })
  const checkpoints = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []))
  return { run, events, checkpoints }
}

/** All that a run leaves, as bytes. */
export function bytesOf(of: Checkpoint | TrainingRun): string {
  return Buffer.from(encodeCheckpoint('checkpoint' in of ? of.checkpoint : of)).toString('base64')
}
