import { attentionOnly } from '../architectures/presets/pre-norm.ts'
import type { EngineRequest } from '../backends/index.ts'
import { fromIclDynamics } from '../interventions/from-icl-dynamics.ts'
import { adam } from '../optimizers/adam.ts'
import { crossEntropyProbe } from '../probes/cross-entropy.ts'
import { fewShot } from '../tasks/few-shot.ts'
import type { FewShotFeatures } from '../tasks/few-shot-features.ts'
import { curve } from '../train/run.ts'
import { training } from '../train/training.ts'
import { type ConditionName, conditions5b } from './conditions.ts'
import type { Points } from './points.ts'

/** What decides a condition's numbers, besides its name. Plain data, so that it can be sent to a worker. */
export interface Settings5b {
  /** Default 400,000, as in the figure. */
  readonly sequences?: number
  /** Of the initial weights; default 5, the paper's. */
  readonly seed?: number
  readonly engine?: EngineRequest
  /** Default the built-in stand-in for the paper's image features. */
  readonly features?: FewShotFeatures
}

/** A condition's learning curve. */
export interface Condition5b {
  readonly name: ConditionName
  /** [sequences seen, loss on the training distribution] */
  readonly curve: Points
  /** Median time of a training step, evaluations not counted. */
  readonly msPerStep: number
}

export interface Watch5b {
  readonly signal?: AbortSignal
  /** Told several times a second how many sequences the condition has seen, and the loss of its last batch. */
  readonly onProgress?: (sequences: number, loss: number) => void
}

/** The length of the published curves. */
export const publishedLength = 400_000
/** Sequences between evaluations, once the quick start is over. */
const EVERY = 5000

/** When a run of this length is evaluated. */
export function moments(sequences: number): number[] {
  const regular = Array.from({ length: Math.floor(sequences / EVERY) }, (_, i) => (i + 1) * EVERY)
  return [0, 1000, ...regular].filter((at) => at <= sequences)
}

/**
 * Trains under one condition of figure 5b: the paper's model, task and optimiser. Label pairs (1,3) and (0,2) are held
 * out, the loss is measured on 1000 fixed sequences of the training distribution, under the clamps of training.
 *
 * @throws OpsinError as `train`.
 * @example
 * import { runCondition5b } from 'opsin/reproduce'
 * const { curve } = await runCondition5b('match', { sequences: 640 })
 * const losses = curve.map(([, loss]) => loss)
 * console.assert(losses[losses.length - 1] < losses[0])
 */
export async function runCondition5b(
  name: ConditionName,
  { sequences = publishedLength, seed = 5, engine, features }: Settings5b = {},
  { signal, onProgress }: Watch5b = {},
): Promise<Condition5b> {
  const task = fewShot({
    ...(features === undefined ? {} : { features }),
    classes: 50,
    labels: 5,
    heldOutLabels: [
      [1, 3],
      [0, 2],
    ],
  })
  const model = attentionOnly({
    layers: 2,
    heads: 8,
    dModel: 64,
    inputs: { kind: 'exemplars', features: task.sizes.features, labels: 5 },
  })
  const events = training(model, task, {
    sequences,
    batch: 32,
    seed,
    optimizer: adam({ lr: 1e-5 }),
    interventions: fromIclDynamics(model, conditions5b[name]),
    probes: [crossEntropyProbe()],
    evaluateAt: moments(sequences),
    ...(engine === undefined ? {} : { engine }),
    ...(signal === undefined ? {} : { signal }),
  })
  const clock = new StepClock()
  for (;;) {
    const next = await events.next()
    if (next.done) return { name, curve: curve(next.value), msPerStep: clock.msPerStep(next.value.steps) }
    if (next.value.type !== 'progress') continue
    clock.add(next.value.msPerStep)
    await onProgress?.(next.value.sequences, next.value.loss)
  }
}

/** The median of what the progress events say, or for a run too short for any, the whole time over its steps. */
class StepClock {
  readonly #started = performance.now()
  readonly #times: number[] = []

  add(msPerStep: number): void {
    this.#times.push(msPerStep)
  }

  msPerStep(steps: number): number {
    if (this.#times.length === 0) return (performance.now() - this.#started) / steps
    return this.#times.sort((a, b) => a - b)[Math.floor(this.#times.length / 2)]
  }
}
