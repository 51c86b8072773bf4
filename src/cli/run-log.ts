import { existsSync } from 'node:fs'
import { integer, optional } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf, requireFields } from '../core/fields.ts'
import { decodeText, formatError, quote } from '../io/format-error.ts'
import { readJson } from '../io/json.ts'
import { appendLine, readBytes, writeAtomic } from '../io/node/files.ts'
import type { Checkpoint } from '../train/checkpoint.ts'
import type { EvaluationRecord } from '../train/evaluate.ts'
import type { TrainEvent } from '../train/events.ts'

/** The first line of a log: enough to know the run by. */
export interface LogHeader {
  /** The hash of the run's interventions; each line carries it, so that a number can be traced to its clamps. */
  readonly interventions: string
}

/** A line of the log after its header. */
type Line = { readonly step: number; readonly active?: readonly number[] } & Readonly<Record<string, unknown>>

/**
 * The JSONL log of a run: a header, then a line for each evaluation and each change of the active interventions. It does
 * not tell the time, so that a run that was killed and resumed leaves the same bytes as one that never stopped.
 */
export class RunLog {
  /** What the log began with; an evaluation that is made again takes the place of its line. */
  #lines: readonly Line[]

  private constructor(
    readonly path: string,
    readonly header: LogHeader,
    lines: readonly Line[],
  ) {
    this.#lines = lines
  }

  /** A new log, in place of any old one. */
  static start(path: string, header: LogHeader): RunLog {
    const log = new RunLog(path, header, [])
    log.#rewrite()
    return log
  }

  /**
   * The log as it was when the checkpoint was made: its evaluations, and the changes of interventions from the file.
   * What came after, down to a last line that the end of the process cut short, goes.
   *
   * @throws OpsinError `CHECKPOINT` for the log of another run, `FORMAT` for one that is damaged.
   */
  static resume(path: string, header: LogHeader, { step, records }: Checkpoint): RunLog {
    const { header: first, lines } = readLog(path)
    if (JSON.stringify(first) !== JSON.stringify(header)) {
      throw new OpsinError('CHECKPOINT', {
        where: path,
        expected: 'the log of this run',
        got: first === undefined ? 'none' : "another run's",
        hint: 'Start again in another folder (--out).',
      })
    }
    const changes = lines.filter((line) => line.active !== undefined && line.step < step)
    // At one step the evaluation comes first: the sort is stable.
    const log = new RunLog(
      path,
      header,
      [...records.map((record) => lineOf(record, header)), ...changes].sort((a, b) => a.step - b.step),
    )
    log.#rewrite()
    return log
  }

  write(event: TrainEvent): void {
    if (event.type === 'evaluation') this.#replaceOrAppend(lineOf(event, this.header))
    if (event.type === 'interventions') {
      appendLine(this.path, JSON.stringify({ step: event.step, active: event.active }))
    }
  }

  #replaceOrAppend(line: Line): void {
    const again = this.#lines.some(({ step, set }) => step === line.step && set === line.set)
    if (!again) {
      appendLine(this.path, JSON.stringify(line))
      return
    }
    this.#lines = this.#lines.map((old) => (old.step === line.step && old.set === line.set ? line : old))
    this.#rewrite()
  }

  #rewrite(): void {
    writeAtomic(this.path, [this.header, ...this.#lines].map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
}

/** The values by name, whatever order they come in. */
function lineOf({ step, sequences, set, values }: EvaluationRecord, { interventions }: LogHeader): Line {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  return { step, sequences, set, interventions, ...Object.fromEntries(sorted) }
}

const NEWLINE = 0x0a

/** The header and the whole lines of a log; a last one without its end is none. */
function readLog(path: string): { header: unknown; lines: Line[] } {
  if (!existsSync(path)) return { header: undefined, lines: [] }
  const bytes = readBytes(path)
  const ended = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
  const values = decodeText(path, ended)
    .split('\n')
    .slice(0, -1)
    .map((text, i) => readJson(text, whereOf(path, i)))
  return { header: values[0], lines: values.slice(1).map((value, i) => requireLine(value, whereOf(path, i + 1))) }
}

const whole = integer(0, Number.MAX_SAFE_INTEGER)
const lineTable = { step: whole, active: optional(listOf(whole, 'numbers of interventions')) }

function requireLine(value: unknown, where: string): Line {
  try {
    requireFields(where, value, lineTable)
    return value as Line
  } catch (cause) {
    throw formatError(where, 'an evaluation or a change of interventions', quote(value), undefined, cause)
  }
}

function whereOf(path: string, index: number): string {
  return `${path}, line ${index + 1}`
}
