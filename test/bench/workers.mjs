import { runAll } from 'opsin/workers'
import { median } from './lanes.mjs'

/** A run that ends only when nobody wants to know more. */
const endless = (seed) => ({
  model: { layers: 2, heads: 8, dModel: 64 },
  task: { classes: 50, labels: 5 },
  sequences: 1e9,
  seed,
  evaluations: [{ evaluator: 'train', count: 32 }],
  evaluateAt: 1e9,
})

/** Steps a second of so many runs together, one a worker, and the CPU time of a step, once all are warm. */
async function together(count, { warm, ms }) {
  const stop = new AbortController()
  const marks = Array.from({ length: count }, () => [])
  let cpu
  const onEvent = ({ type, step }, run) => {
    if (type !== 'progress' || stop.signal.aborted) return
    const now = performance.now()
    marks[run].push({ now, step })
    if (cpu !== undefined) {
      if (marks.every((all) => now - all[0].now >= ms)) stop.abort()
      return
    }
    if (!marks.every((all) => all.length > 0 && now - all[0].now >= warm)) return
    // From here on it counts.
    for (const all of marks) all.splice(0, all.length - 1)
    cpu = process.cpuUsage()
  }
  await runAll(
    Array.from({ length: count }, (_, i) => endless(5 + i)),
    { workers: count, onEvent, signal: stop.signal },
  ).catch((error) => {
    if (!stop.signal.aborted) throw error
  })
  const { user, system } = process.cpuUsage(cpu)
  const sum = (of) => marks.reduce((total, all) => total + of(all[0], all[all.length - 1]), 0)
  return {
    perSecond: sum((first, last) => ((last.step - first.step) / (last.now - first.now)) * 1000),
    cpu: (user + system) / 1000 / sum((first, last) => last.step - first.step),
  }
}

/**
 * Two runs on two workers against one on one, in turn. `speedup` is by the clock, and means something only on a machine
 * that is otherwise idle; `cpuSpeedup` is what it would be on two free cores, from what a step costs alone and beside
 * another.
 */
export async function workers({ effort }) {
  const [times, rounds] = effort === 'quick' ? [{ warm: 1, ms: 1 }, 1] : [{ warm: 1000, ms: 3000 }, 7]
  const [one, two] = [[], []]
  for (let round = 0; round < rounds; round++) {
    one.push(await together(1, times))
    two.push(await together(2, times))
  }
  const row = (count, all) => {
    const against = (of) => Number(median(all.map((each, round) => of(each, one[round]))).toFixed(3))
    return {
      workers: count,
      stepsPerSecond: Math.round(median(all.map(({ perSecond }) => perSecond))),
      cpuMsPerStep: Number(median(all.map(({ cpu }) => cpu)).toFixed(4)),
      speedup: against((each, alone) => each.perSecond / alone.perSecond),
      cpuSpeedup: against((each, alone) => (count * alone.cpu) / each.cpu),
    }
  }
  return [row(1, one), row(2, two)]
}
