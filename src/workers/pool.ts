import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { type Answer, type Job, resultOf } from './job.ts'

export interface Pool<Task, Result, News> {
  /**
   * Does a task in a thread of its own, as soon as one is free.
   *
   * @throws whatever the worker throws; the signal ends the thread at once.
   */
  run(task: Task, watch?: Watch<News>): Promise<Result>
  close(): Promise<void>
}

interface Watch<News> {
  readonly signal?: AbortSignal | undefined
  readonly onNews?: ((news: News) => void) | undefined
}

/** So many threads for tasks that one file does; what is asked for first starts first. */
export function threadPool<Task, Result, News>(worker: URL, threads: number): Pool<Task, Result, News> {
  const pool = new Piscina<Job<Task>, Answer<Result>>({ filename: worker.href, minThreads: 1, maxThreads: threads })
  return {
    async run(task, { signal, onNews } = {}) {
      const { port1: ours, port2: theirs } = new MessageChannel()
      ours.on('message', (news: News) => onNews?.(news))
      try {
        const options = { transferList: [theirs], ...(signal === undefined ? {} : { signal }) }
        const answer = await pool.run({ task, port: theirs }, options)
        // The answer comes another way than the news, and may have overtaken them.
        for (let last = receiveMessageOnPort(ours); last !== undefined; last = receiveMessageOnPort(ours)) {
          onNews?.(last.message)
        }
        return resultOf(answer)
      } finally {
        ours.close()
      }
    },
    close: () => pool.destroy(),
  }
}
