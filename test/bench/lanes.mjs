import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * A child process that does rounds of steps, warm and waiting in between. It is told, and answers, one line of JSON at a
 * time:
 *
 *     {do: 'open', spec, variant}  → {id, version}           a workload made ready, its first step taken
 *     {do: 'round', id, ms}        → {steps, wallMs, cpuMs}  steps for at least so long
 *     anything                     → {error, code}           that could not be done
 */
export class Lane {
  #child
  #answers
  #log = ''

  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.on('data', (text) => (this.#log = `${this.#log}${text}`.slice(-500)))
    this.#child.stdin.on('error', () => {})
    this.#child.on('error', (error) => (this.#log = error.message))
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`)
    const { value, done } = await this.#answers.next()
    return done ? { error: this.#log.trim() || 'it ended' } : JSON.parse(value)
  }

  close() {
    this.#child.kill()
  }
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * How many times as long the one takes as the other, round by round, and of that the median: a load that comes and goes
 * slows down both sides of a round.
 */
export function ratio(one, other) {
  if (one === undefined || other === undefined) return null
  return Number(median(one.times.map((time, round) => time / other.times[round])).toFixed(3))
}

/**
 * Opens every entry's workload in its lane. Those that cannot be opened are told about and left out.
 *
 * @param entries `{ name, lane, spec, variant }`, with whatever else the caller wants back
 */
export async function openAll(entries, tell) {
  const opened = []
  for (const entry of entries) {
    const { id, version, error, code } = await entry.lane.ask({ do: 'open', spec: entry.spec, variant: entry.variant })
    if (error === undefined) opened.push({ ...entry, id, version })
    else tell(`skipped ${entry.name}: ${error}`, code)
  }
  return opened
}

/**
 * Measures entries against each other: after a second of warm-up each, rounds in turn, so that whatever the machine does
 * meanwhile happens to all of them. Times are CPU time, which other programs disturb less than they do the clock's.
 */
export async function compare(entries, { rounds, ms, warm = 1000 }, tell) {
  const alive = await openAll(entries, tell)
  for (const { lane, id } of alive) await lane.ask({ do: 'round', id, ms: warm })
  const times = alive.map(() => ({ cpu: [], wall: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const [i, { lane, id }] of alive.entries()) {
      const { steps, cpuMs, wallMs } = await lane.ask({ do: 'round', id, ms })
      times[i].cpu.push(cpuMs / steps)
      times[i].wall.push(wallMs / steps)
    }
  }
  return alive.map((entry, i) => ({
    ...entry,
    times: times[i].cpu,
    walls: times[i].wall,
    msPerStep: median(times[i].cpu),
    least: Math.min(...times[i].cpu),
    wall: median(times[i].wall),
  }))
}
