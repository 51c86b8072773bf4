import { availableParallelism } from 'node:os'
import { aRun, parseJson, type RunConfig } from '../config/index.ts'
import { OpsinError, within } from '../core/errors.ts'
import type { TrainEvent } from '../train/events.ts'
import type { TrainingRun } from '../train/run.ts'
import { built } from './built.ts'
import { type Pool, threadPool } from './pool.ts'
import type { RunTask } from './worker.ts'

export interface RunAllOptions {
  /** Threads; default one for each core of the machine. A run never uses more than one. */
  readonly workers?: number
  /**
   * The events of the runs, each with its run's place in the list. Checkpoints come only from runs whose configuration
   * has a `checkpointEvery`, since each is a copy of everything; the last one is in the outcome anyway. An error thrown
   * here stops all runs, and {@link runAll} throws it.
   */
  readonly onEvent?: (event: TrainEvent, run: number) => void
  /** Stops all runs at once, whatever they are at; {@link runAll} then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** How a run ended: the others go on when one fails. */
export type RunOutcome =
  | { readonly status: 'done'; readonly run: TrainingRun }
  /** The error says which run it was: `runs[2]: …`. */
  | { readonly status: 'failed'; readonly error: Error }

/**
 * Trains several runs at once, each in a thread of its own, and gives their outcomes in the same order. A run is what a
 * configuration of `opsin train` says, as plain JSON, and ends with the same bits as if it had run alone. Paths in it
 * are relative to the working directory.
 *
 * It finds its worker in the installed package, so it does not work in a bundle.
 *
 * @throws OpsinError `VALUE` for a configuration that does not fit, before any run starts. Whatever `onEvent` throws, or
 *   the signal's reason. No thread is left then.
 * @example
 * import { runAll } from 'opsin/workers'
 * const bySeed = (seeds: number[]) =>
 *   runAll(
 *     seeds.map((seed) => ({ model: { layers: 2, heads: 8, dModel: 64 }, sequences: 100_000, seed })),
 *     { workers: 2 },
 *   )
 */
export async function runAll(
  runs: readonly RunConfig[],
  { workers = availableParallelism(), onEvent, signal }: RunAllOptions = {},
): Promise<RunOutcome[]> {
  const configs = runs.map((run, i) => parseJson(aRun, textOf(run, i), nameOf(i)))
  requireWorkers(workers)
  const pool: Pool<RunTask, TrainingRun, TrainEvent> = threadPool(built('workers/worker.js'), workers, signal)
  try {
    const outcomes = await Promise.all(
      configs.map((config, i) => {
        const onNews = onEvent && ((event: TrainEvent) => onEvent(event, i))
        return outcomeOf(i, pool.run({ config, heard: onEvent !== undefined }, onNews))
      }),
    )
    pool.stopped.throwIfAborted()
    return outcomes
  } finally {
    await pool.close()
  }
}

async function outcomeOf(index: number, run: Promise<TrainingRun>): Promise<RunOutcome> {
  try {
    return { status: 'done', run: await run }
  } catch (error) {
    return { status: 'failed', error: named(error, index) }
  }
}

/** The error, saying which run it is about. */
function named(error: unknown, index: number): Error {
  if (error instanceof OpsinError) return within(nameOf(index), error)
  return new Error(`${nameOf(index)}: ${error instanceof Error ? error.message : error}`, { cause: error })
}

/** A configuration as the JSON that it is. */
function textOf(run: RunConfig, index: number): string {
  try {
    return JSON.stringify(run) ?? ''
  } catch (cause) {
    throw new OpsinError('VALUE', {
      where: nameOf(index),
      expected: 'plain JSON',
      got: String(cause).replace(/\s+/g, ' '),
      cause,
    })
  }
}

function nameOf(index: number): string {
  return `runs[${index}]`
}

function requireWorkers(workers: number): void {
  if (Number.isInteger(workers) && workers > 0) return
  throw new OpsinError('VALUE', { where: 'runAll: workers', expected: 'a positive integer', got: String(workers) })
}
