import { OpsinError } from 'opsin'
import { type RunConfig, type RunOutcome, runAll } from 'opsin/workers'
import { expect, test } from 'vitest'
import { assemble } from '../../src/config/index.ts'
import { encodeCheckpoint } from '../../src/train/checkpoint.ts'
import type { TrainingRun } from '../../src/train/run.ts'
import { train } from '../../src/train/training.ts'
import { filesIn } from '../../src/workers/surroundings.ts'

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
  const outcomes = await runAll(configs, { workers: 2, onEvent: ({ type }, run) => told.push(`${run} ${type}`) })
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
    expect(told.filter((event) => event === `${run} checkpoint`).length).toBeGreaterThan(0)
  }
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

test('abort stops runs that are going and those that wait', async () => {
  const long: RunConfig = { model: small, sequences: 1e7, evaluateAt: 1e7 }
  const controller = new AbortController()
  const onEvent = () => controller.abort(new Error('enough'))
  await expect(runAll([long, long, long], { workers: 2, onEvent, signal: controller.signal })).rejects.toThrow('enough')
})
