import { readFileSync } from 'node:fs'
import { OpsinError } from '../core/errors.ts'
import { appendLine, writeAtomic } from '../io/node/files.ts'
import type { Checkpoint } from '../train/checkpoint.ts'
import type { TrainEvent } from '../train/events.ts'

/** A line of the log after its header. */
type Line = { readonly step: number; readonly active?: readonly number[] } & Readonly<Record<string, unknown>>

/**
 * The JSONL log of a run: a header, then a line for each evaluation and each change of the active interventions. It does
 * not tell the time, so that a run that was killed and resumed leaves the same bytes as one that never stopped.
 */
export class RunLog {
  #active: readonly number[]

  private constructor(
    readonly path: string,
    lines: readonly Line[],
  ) {
    this.#active = lines.reduce<readonly number[]>((last, { active }) => active ?? last, [])
  }

  /** A new log, in place of any old one. */
  static start(path: string, header: object): RunLog {
    writeAtomic(path, `${JSON.stringify(header)}\n`)
    return new RunLog(path, [])
  }

  /**
   * The log as it was when the checkpoint was made: what came after, down to a last line that the end of the process cut
   * short, goes.
   *
   * @throws OpsinError `CHECKPOINT` for a log that does not belong to the checkpoint.
   */
  static resume(path: string, header: object, { step, records }: Checkpoint): RunLog {
    const [first, ...rest] = readLines(path)
    let evaluations = 0
    const kept = rest.filter((line) => {
      if (line.active !== undefined) return line.step < step
      return evaluations++ < records.length
    })
    if (JSON.stringify(first) !== JSON.stringify(header) || evaluations < records.length) {
      throw new OpsinError('CHECKPOINT', {
        where: path,
        expected: `the log of this run with ${records.length} evaluations up to step ${step}`,
        got: first === undefined ? 'no log' : `another, or one with ${Math.min(evaluations, records.length)}`,
        hint: 'Start again in another folder (--out).',
      })
    }
    writeAtomic(path, [first, ...kept].map((line) => `${JSON.stringify(line)}\n`).join(''))
    return new RunLog(path, kept)
  }

  write(event: TrainEvent): void {
    if (event.type === 'evaluation') {
      const { step, sequences, set, values } = event
      appendLine(this.path, JSON.stringify({ step, sequences, set, ...values }))
    }
    // A resumed run says again what is active; the log says it once.
    if (event.type === 'interventions' && String(event.active) !== String(this.#active)) {
      this.#active = event.active
      appendLine(this.path, JSON.stringify({ step: event.step, active: event.active }))
    }
  }
}

/** The whole lines of a log; a last one without its end is none. */
function readLines(path: string): Line[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  const whole = text.split('\n').slice(0, -1)
  return whole.map((line, i) => {
    try {
      return JSON.parse(line)
    } catch (cause) {
      throw new OpsinError('FORMAT', {
        where: `${path}, line ${i + 1}`,
        expected: 'JSON',
        got: line.slice(0, 60),
        cause,
      })
    }
  })
}
