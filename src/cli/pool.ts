import type { Runner5b } from '../reproduce/reproduce-5b.ts'
import type { Condition5b } from '../reproduce/run-condition.ts'
import { threadPool } from '../workers/pool.ts'
import type { WorkerNews, WorkerTask } from './worker.ts'

export interface Pool {
  readonly run: Runner5b
  close(): Promise<void>
}

/** Runs conditions in so many threads; those asked for first start first. The signal ends all of them. */
export function workerPool(worker: URL, threads: number, signal: AbortSignal): Pool {
  const pool = threadPool<WorkerTask, Condition5b, WorkerNews>(worker, threads, signal)
  return {
    run: (name, settings, { onProgress }) =>
      pool.run({ name, settings }, ({ sequences, loss }) => onProgress?.(sequences, loss)),
    close: () => pool.close(),
  }
}
