import { runAll } from 'opsin/workers'
import { median } from './lanes.mjs'

const config = (seed, sequences) => ({
  model: { layers: 2, heads: 8, dModel: 64 },
  task: { classes: 50, labels: 5 },
  sequences,
  seed,
  evaluations: [{ evaluator: 'train', count: 32 }],
  evaluateAt: sequences,
})

/** Wall and CPU time of so many runs on as many workers, from the call to the last result. */
async function together(count, sequences) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()]
  const outcomes = await runAll(
    Array.from({ length: count }, (_, i) => config(5 + i, sequences)),
    { workers: count },
  )
  for (const outcome of outcomes) if (outcome.status === 'failed') throw outcome.error
  const { user, system } = process.cpuUsage(cpu)
  const steps = (count * sequences) / 32
  return { wall: (performance.now() - wall) / steps, cpu: (user + system) / 1000 / steps }
}

/**
 * Two runs on two workers against one on one, in turn. `speedup` is by the clock, and means something only on a machine
 * that is otherwise idle; `cpuSpeedup` is what it would be on two free cores, from what a step costs alone and beside
 * another.
 */
export async function workers({ effort }) {
  const [sequences, rounds] = effort === 'quick' ? [64, 1] : [320_000, 5]
  const [one, two] = [[], []]
  for (let round = 0; round < rounds; round++) {
    one.push(await together(1, sequences))
    two.push(await together(2, sequences))
  }
  const row = (count, times) => {
    const [wall, cpu] = [median(times.map((time) => time.wall)), median(times.map((time) => time.cpu))]
    const against = (of) => Number(median(times.map((time, round) => of(one[round]) / of(time))).toFixed(3))
    return {
      workers: count,
      stepsPerSecond: Math.round(1000 / wall),
      cpuMsPerStep: Number(cpu.toFixed(4)),
      speedup: against(({ wall }) => wall),
      cpuSpeedup: Number((count * against(({ cpu }) => cpu)).toFixed(3)),
    }
  }
  return [row(1, one), row(2, two)]
}
