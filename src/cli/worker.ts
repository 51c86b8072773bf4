import { parentPort } from 'node:worker_threads'
import type { ConditionName } from '../reproduce/conditions.ts'
import { type Condition5b, runCondition5b, type Settings5b } from '../reproduce/run-condition.ts'

/** What a worker is asked to do. */
export interface WorkerTask {
  readonly name: ConditionName
  readonly settings: Settings5b
}

/** What it says while it does. */
export interface WorkerNews {
  readonly name: ConditionName
  readonly sequences: number
  readonly loss: number
}

/** One condition of figure 5b, in a thread of its own. */
export default function work({ name, settings }: WorkerTask): Promise<Condition5b> {
  return runCondition5b(name, settings, {
    onProgress: (sequences, loss) => parentPort?.postMessage({ name, sequences, loss } satisfies WorkerNews),
  })
}
