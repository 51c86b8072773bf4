import type { Model } from '../architectures/define.ts'
import type { Task } from '../tasks/define.ts'
import type { TrainEvent } from './events.ts'
import { TrainingLoop } from './loop.ts'
import { checkOptions, type TrainOptions } from './options.ts'
import { prepare } from './prepare.ts'
import type { TrainingRun } from './run.ts'

/**
 * Training as an async iterator: it yields events (evaluations, progress, checkpoints, changes of interventions)
 * and returns the finished run. The run stops when the loop does. {@link train} is the same in one call.
 *
 * @throws OpsinError for options, interventions, evaluations, inputs or a checkpoint that do not fit, and `NO_EFFECT` for
 * an intervention that would never fire, before anything runs; for a batch that does not fit, at its step, and
 * `NOT_FINITE` naming the parameter or hook point that went bad first.
 * @example
 * import { attentionOnly, fewShot, training } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * for await (const event of training(model, fewShot({ classes: 50, labels: 5 }), { sequences: 640 })) {
 *   if (event.type === 'evaluation' && !(Number(event.values.loss) > 0)) throw new Error('no loss')
 * }
 */
export async function* training(
  model: Model,
  task: Task,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, TrainingRun, void> {
  checkOptions(options)
  options.signal?.throwIfAborted()
  const events = new TrainingLoop(await prepare(model, task, options)).events()
  for (;;) {
    const next = await events.next()
    // No event follows an abort.
    options.signal?.throwIfAborted()
    if (next.done) return next.value
    yield next.value
  }
}

/**
 * Trains a model on a task, under interventions, and returns the finished run.
 *
 * @throws OpsinError as {@link training}; the signal's reason when aborted.
 * @example
 * import { at, attentionOnly, clamp, fewShot, previousToken, train } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const run = await train(model, fewShot({ classes: 50, labels: 5 }), {
 *   sequences: 3_200,
 *   interventions: [clamp(at(model, 'blocks.0.attn.pattern', { head: 2 }), previousToken())],
 * })
 * console.assert(run.receipts[0].fired === 100)
 */
export async function train(model: Model, task: Task, options: TrainOptions): Promise<TrainingRun> {
  const events = training(model, task, options)
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    await options.onEvent?.(next.value)
  }
}
