import type { ConditionName } from '../reproduce/conditions.ts'
import { type Condition5b, runCondition5b, type Settings5b } from '../reproduce/run-condition.ts'
import { answering, type Job } from '../workers/job.ts'

/** What a worker is asked to do. */
export interface WorkerTask {
  readonly name: ConditionName
  readonly settings: Settings5b
}

/** What it says while it does. */
export interface WorkerNews {
  readonly sequences: number
  readonly loss: number
}

/** One condition of figure 5b, in a thread of its own. */
export default answering(
  ({ task: { name, settings }, port }: Job<WorkerTask>): Promise<Condition5b> =>
    runCondition5b(name, settings, {
      onProgress: (sequences, loss) => port.postMessage({ sequences, loss } satisfies WorkerNews),
    }),
)
