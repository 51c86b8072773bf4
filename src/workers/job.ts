import type { MessagePort } from 'node:worker_threads'
import { type ErrorCode, type ErrorParts, OpsinError } from '../core/errors.ts'

/** What a worker's function is called with: its task, and where to tell how it goes. */
export interface Job<Task> {
  readonly task: Task
  readonly port: MessagePort
}

/** What it gives back. An error on its way between threads loses its class and its fields, so ours go as data. */
export type Answer<Result> =
  | { readonly result: Result }
  | { readonly failure: { readonly code: ErrorCode } & Omit<ErrorParts, 'cause'> }

/** The function that a worker's file has as its default export. */
export function answering<Task, Result>(work: (job: Job<Task>) => Promise<Result>) {
  return async (job: Job<Task>): Promise<Answer<Result>> => {
    try {
      return { result: await work(job) }
    } catch (error) {
      if (!(error instanceof OpsinError)) throw error
      const { code, where, expected, got, hint } = error
      return { failure: { code, where, expected, got, ...(hint === undefined ? {} : { hint }) } }
    }
  }
}

/** The result, or the error as it was thrown. */
export function resultOf<Result>(answer: Answer<Result>): Result {
  if ('result' in answer) return answer.result
  throw new OpsinError(answer.failure.code, answer.failure)
}
