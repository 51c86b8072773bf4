import { assemble, type RunConfig } from '../config/index.ts'
import type { TrainEvent } from '../train/events.ts'
import type { TrainingRun } from '../train/run.ts'
import { train } from '../train/training.ts'
import { answering, type Job } from './job.ts'
import { filesIn } from './surroundings.ts'

/** The task of a worker. */
export interface RunTask {
  readonly config: RunConfig
  /** Whether somebody listens to its events. */
  readonly heard: boolean
}

/** One run, in a thread of its own. */
export default answering(async ({ task: { config, heard }, port }: Job<RunTask>): Promise<TrainingRun> => {
  const { model, task, options } = await assemble(config, filesIn('.'))
  const asked = config.checkpointEvery !== undefined
  const onEvent = (event: TrainEvent) => {
    // A checkpoint is large: it is sent only to those who asked for it.
    if (event.type !== 'checkpoint' || asked) port.postMessage(event)
  }
  return train(model, task, { ...options, ...(heard ? { onEvent } : {}) })
})
