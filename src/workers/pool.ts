import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { built } from './built.ts'
import type { Entry } from './enter.ts'
import { type Answer, resultOf } from './job.ts'

export interface Pool<Task, Result, News> {
  /**
   * Does a task in a thread of its own, as soon as one is free.
   *
   * @param onNews told what the worker says. An error that it throws stops the pool.
   * @throws whatever the worker throws, and once the pool is stopped the reason why.
   */
  run(task: Task, onNews?: (news: News) => unknown): Promise<Result>
  /** Aborted once the pool is stopped: by the signal it was made with, or by an error thrown in `onNews`. */
  readonly stopped: AbortSignal
  /** Ends all threads; they are gone when it resolves. */
  close(): Promise<void>
}

/**
 * So many threads for tasks that one file does; what is asked for first starts first. The signal ends all of them at
 * once, whatever they are at: waiting, starting, computing.
 */
export function threadPool<Task, Result, News>(
  worker: URL,
  threads: number,
  signal?: AbortSignal,
): Pool<Task, Result, News> {
  signal?.throwIfAborted()
  const pool = new Piscina<Entry<Task>, Answer<Result>>({
    filename: built('workers/enter.cjs').href,
    minThreads: 1,
    maxThreads: threads,
  })
  const stopping = new AbortController()
  const stopped = stopping.signal
  let ended: Promise<void> | undefined
  const close = () => {
    signal?.removeEventListener('abort', onAbort)
    ended ??= pool.destroy()
    return ended
  }
  const stop = (reason: unknown) => {
    stopping.abort(reason)
    void close()
  }
  const onAbort = () => stop(signal?.reason)
  // Of a thread that had no task, whose error nobody else would hear.
  pool.on('error', stop)
  // One listener for the pool, not one for each task: Node warns of more than ten.
  signal?.addEventListener('abort', onAbort)

  return {
    stopped,
    close,
    async run(task, onNews) {
      stopped.throwIfAborted()
      const { port1: ours, port2: theirs } = new MessageChannel()
      let told: Promise<unknown> = Promise.resolve()
      const tell = (news: News) => {
        if (stopped.aborted) return
        const telling = (async () => onNews?.(news))().catch(stop)
        told = told.then(() => telling)
      }
      ours.on('message', tell)
      try {
        const answer = await pool.run({ worker: worker.href, task, port: theirs }, { transferList: [theirs] })
        // The answer comes another way than the news, and may have overtaken them.
        for (let last = receiveMessageOnPort(ours); last !== undefined; last = receiveMessageOnPort(ours)) {
          tell(last.message)
        }
        await told
        stopped.throwIfAborted()
        return resultOf(answer)
      } catch (error) {
        // Why it was stopped says more than what that did to the thread.
        stopped.throwIfAborted()
        throw error
      } finally {
        ours.close()
      }
    },
  }
}
