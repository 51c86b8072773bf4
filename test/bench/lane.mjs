// Our side of the benchmark: a process that trains when told to, and tells how long it took. See lanes.mjs for the words.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { forward, start } from './cases.mjs'
import { flopsOf } from './flops.mjs'

/** The first event after this many ms; events come about ten times a second. */
export async function advance(run, ms) {
  const [wall, cpu, from] = [performance.now(), process.cpuUsage(), run.step]
  while (performance.now() - wall < ms || run.step === from) {
    const { value, done } = await run.events.next()
    if (done) throw new Error('the run has ended')
    if (value.type === 'progress') run.step = value.step
  }
  const { user, system } = process.cpuUsage(cpu)
  return { steps: run.step - from, wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 }
}

/** Forward passes as events of a run. */
async function* forwards(spec) {
  const pass = await forward(spec)
  for (let step = 1; ; step++) {
    await pass()
    yield { type: 'progress', step }
  }
}

/** Opens a run and takes its first steps. */
export async function open(spec, options) {
  const run = { events: spec.pass === 'forward' ? forwards(spec) : start(spec, options), step: 0 }
  await advance(run, 0)
  return run
}

/** Where the time of a step goes, by op. */
export async function profile(spec, ms, warm) {
  let ops = new Map()
  const run = await open(spec, {
    profile({ op, ms, inputs, shape }) {
      const sum = ops.get(op) ?? { op, calls: 0, ms: 0, flops: 0 }
      sum.calls++
      sum.ms += ms
      sum.flops += flopsOf(op, inputs, shape)
      ops.set(op, sum)
    },
  })
  await advance(run, warm)
  ops = new Map()
  const { steps } = await advance(run, ms)
  return [...ops.values()].map(({ op, calls, ms, flops }) => ({
    op,
    calls: calls / steps,
    msPerStep: ms / steps,
    gflops: flops / ms / 1e6,
  }))
}

async function serve() {
  const runs = []
  const answers = {
    async open({ spec }) {
      runs.push(await open(spec))
      return { id: runs.length - 1, version: `Node ${process.versions.node}` }
    },
    round: ({ id, ms }) => advance(runs[id], ms),
    profile: async ({ spec, ms, warm }) => ({ kernels: await profile(spec, ms, warm) }),
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...rest } = JSON.parse(line)
    const answer = await answers[what](rest).catch((error) => ({ error: error.message, code: error.code }))
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await serve()
