import type { Runner5b } from '../reproduce/reproduce-5b.ts'
import type { Condition5b } from '../reproduce/run-condition.ts'
import { threadPool } from '../workers/pool.ts'
import type { WorkerNews, WorkerTask } from './worker.ts'

export interface Pool {
  readonly run: Runner5b
  close(): Promise<void>
}

/** Runs conditions in so many threads; those asked for first start first. */
export function workerPool(worker: URL, threads: number): Pool {
  const pool = threadPool<WorkerTask, Condition5b, WorkerNews>(worker, threads)
  return {
    run: (name, settings, { signal, onProgress }) =>
      pool.run({ name, settings }, { signal, onNews: ({ sequences, loss }) => onProgress?.(sequences, loss) }),
    close: () => pool.close(),
  }
}
