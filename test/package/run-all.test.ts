import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { OpsinError } from 'opsin'
import { type RunConfig, type RunOutcome, runAll } from 'opsin/workers'
import { expect, test } from 'vitest'
import { assemble } from '../../src/config/index.ts'
import { philox } from '../../src/core/rng.ts'
import { encodeCheckpoint } from '../../src/train/checkpoint.ts'
import type { TrainingRun } from '../../src/train/run.ts'
import { train } from '../../src/train/training.ts'
import { threadPool } from '../../src/workers/pool.ts'
import { filesIn } from '../../src/workers/surroundings.ts'
import { manyMoments } from '../support/moments.ts'

const small = { layers: 2, heads: 2, dModel: 8 }
const configs: RunConfig[] = [
  { model: small, sequences: 320, seed: 1 },
  { model: small, sequences: 160, seed: 2, iclDynamics: { prev_token_heads: ['0:1'] } },
  { model: small, sequences: 96, seed: 3, optimizer: { kind: 'sgd', lr: 0.1 } },
]

function doneOf(outcome: RunOutcome): TrainingRun {
  if (outcome.status === 'failed') throw outcome.error
  return outcome.run
}

test('runs on workers end with the bytes of the same runs alone', async () => {
  const told: string[] = []
  const asked = configs.map((config, i) => (i === 1 ? config : { ...config, checkpointEvery: 64 }))
  const outcomes = await runAll(asked, { workers: 2, onEvent: ({ type }, run) => void told.push(`${run} ${type}`) })
  const bytes = outcomes.map((outcome) => encodeCheckpoint(doneOf(outcome).checkpoint))
  const alone = await Promise.all(
    configs.map(async (config) => {
      const { model, task, options } = await assemble(config, filesIn('.'))
      return encodeCheckpoint((await train(model, task, options)).checkpoint)
    }),
  )
  expect(bytes).toEqual(alone)
  for (const run of [0, 1, 2]) {
    expect(told).toContain(`${run} start`)
  }
  // Only those that were asked for: every 64 sequences, and at the end.
  const checkpoints = [0, 1, 2].map((run) => told.filter((event) => event === `${run} checkpoint`).length)
  expect(checkpoints).toEqual([5, 0, 2])
})

test('a run that fails says which it is, and the others finish', async () => {
  const broken: RunConfig = { model: small, sequences: 96, iclDynamics: { prev_token_heads: ['7:1'] } }
  const [first, second] = await runAll([broken, configs[2]], { workers: 1 })
  expect(first.status).toBe('failed')
  if (first.status === 'failed') {
    expect(first.error).toBeInstanceOf(OpsinError)
    expect(first.error.message).toMatch(/^runs\[0\]: /)
  }
  expect(doneOf(second).steps).toBe(3)
})

test('a configuration that does not fit is refused before anything runs', async () => {
  const wrong = { model: { ...small, layer: 2 }, sequences: 96 } as unknown as RunConfig
  await expect(runAll([configs[0], wrong])).rejects.toThrow(/^runs\[1\]: model/)
  await expect(runAll(configs, { workers: 0 })).rejects.toThrow(/workers/)
})

const long: RunConfig = { model: small, sequences: 1e7, evaluateAt: 1e7 }
const enough = new Error('enough')

test('abort stops runs that are going and those that wait', async () => {
  const controller = new AbortController()
  const onEvent = () => controller.abort(enough)
  await expect(runAll([long, long, long], { workers: 2, onEvent, signal: controller.signal })).rejects.toBe(enough)
})

test('abort is heard at any moment: before the threads start, while they do, and later', async () => {
  const random = philox(7, 0)
  for (let i = 0; i < manyMoments(12); i++) {
    const controller = new AbortController()
    const after = random.uniform(i, 0, 0) ** 2 * 1000
    if (i === 0) controller.abort(enough)
    else setTimeout(() => controller.abort(enough), after)
    const told: boolean[] = []
    const onEvent = () => void told.push(controller.signal.aborted)
    const run = runAll([long, long, long], { workers: 2, onEvent, signal: controller.signal })
    await expect(run, `after ${after} ms`).rejects.toBe(enough)
    expect(told).not.toContain(true)
  }
})

test('many runs with one signal warn of nothing', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const { signal } = new AbortController()
  const short: RunConfig = { model: small, sequences: 32 }
  const outcomes = await runAll(
    Array.from({ length: 24 }, () => short),
    { workers: 2, signal },
  )
  // Warnings come in a turn of their own.
  await new Promise((resume) => setTimeout(resume, 10))
  process.off('warning', note)
  expect(outcomes.map(({ status }) => status)).not.toContain('failed')
  expect(warnings).toEqual([])
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test.each([
  [
    'throws',
    () => {
      throw enough
    },
  ],
  ['rejects', () => Promise.reject(enough)],
])('an onEvent that %s ends all runs, and is what runAll throws', async (_, onEvent) => {
  await expect(runAll([long, long, long], { workers: 2, onEvent })).rejects.toBe(enough)
})

test('no thread is left of runs that were stopped', () => {
  const code = `
    import { readdirSync } from 'node:fs'
    import { runAll } from 'opsin/workers'
    const threads = () => readdirSync('/proc/self/task').length
    const model = { layers: 1, heads: 2, dModel: 8 }
    await runAll([{ model, sequences: 32 }, { model, sequences: 32 }], { workers: 2 })
    const before = threads()
    const onEvent = () => { throw new Error('enough') }
    const said = await runAll([1, 2, 3].map((seed) => ({ model, seed, sequences: 1e7 })), { workers: 2, onEvent })
      .catch(({ message }) => message)
    console.log(said, threads() - before)`
  const node = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' })
  expect(node).toMatchObject({ status: 0, stderr: '' })
  if (process.platform === 'linux') expect(node.stdout.trim()).toBe('enough 0')
})

test('a configuration that is no JSON is refused', async () => {
  const circle: Record<string, unknown> = { model: small, sequences: 32 }
  circle.task = circle
  await expect(runAll([circle as RunConfig])).rejects.toThrow(/^runs\[0\]: expected plain JSON.*\[VALUE\]/)
})

test('no thread loads an ES module by require: on Node 20 the process ends with a thread that is ended while it does', async () => {
  const pool = threadPool<string, boolean, never>(new URL('../support/is-required.mjs', import.meta.url), 1)
  try {
    expect(await pool.run('how?')).toBe(false)
  } finally {
    await pool.close()
  }
})
