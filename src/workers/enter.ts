import type { Job } from './job.ts'

/** A job, and the file whose default export does it. */
export interface Entry<Task> extends Job<Task> {
  readonly worker: string
}

/**
 * What a thread of a pool runs. It is built as CommonJS, since piscina loads its file by `require`: a thread that is ended
 * while it requires an ES module takes the whole process with it (Node 20: "IsGraphAsync must be used on an instantiated
 * module"). A thread that is ended while it imports one just ends.
 */
export default async ({ worker, ...job }: Entry<unknown>): Promise<unknown> => (await import(worker)).default(job)
