import { Piscina } from 'piscina'
import { OpsinError } from '../core/errors.ts'
import type { Runner5b } from '../reproduce/reproduce-5b.ts'
import type { Condition5b } from '../reproduce/run-condition.ts'
import type { WorkerNews, WorkerTask } from './worker.ts'

export interface Pool {
  readonly run: Runner5b
  close(): Promise<void>
}

/** Runs conditions in so many threads; those asked for first start first. */
export function workerPool(worker: URL, threads: number): Pool {
  const pool = new Piscina<WorkerTask, Condition5b>({ filename: worker.href, minThreads: 1, maxThreads: threads })
  const listeners = new Map<string, (news: WorkerNews) => void>()
  pool.on('message', (news: WorkerNews) => listeners.get(news.name)?.(news))
  return {
    async run(name, settings, { signal, onProgress }) {
      listeners.set(name, ({ sequences, loss }) => onProgress?.(sequences, loss))
      try {
        return await pool.run({ name, settings }, signal === undefined ? {} : { signal })
      } catch (error) {
        throw revived(error)
      }
    },
    close: () => pool.destroy(),
  }
}

/** An error keeps its fields on the way out of a worker, but not its class. */
function revived(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'OpsinError' || error instanceof OpsinError) return error
  const { code, where, expected, got, hint } = error as OpsinError
  return new OpsinError(code, { where, expected, got, ...(hint === undefined ? {} : { hint }), cause: error })
}
