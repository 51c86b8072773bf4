import {
  adam,
  checkpointParameters,
  crossEntropyProbe,
  decodeCheckpoint,
  encodeCheckpoint,
  initialize,
  OpsinError,
  type Optimizer,
  sgd,
  type TrainEvent,
  type TrainOptions,
  train,
} from 'opsin'
import { describe, expect, test } from 'vitest'
import { BATCH, base, bytesOf, model, task, tinyRun } from '../support/runs.ts'

/** A run to its error: what it told, and the error. */
async function failing(options: Partial<TrainOptions>) {
  const events: TrainEvent[] = []
  const all = { ...base, interventions: [], checkpointEvery: BATCH, onEvent: (e: TrainEvent) => void events.push(e) }
  const error = await train(model, task, { ...all, ...options }).then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(OpsinError)
  const checkpoints = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []))
  return { error: error as OpsinError, checkpoints }
}

/** Goes well for some steps, then leaves nothing finite: the rate of a step is an input, not a part of the plan. */
function breakingAt(step: number, of: Optimizer): Optimizer {
  return { ...of, rates: (now) => of.rates(now).map((rate) => (now === step ? 3e38 * rate : rate)) }
}

const everyProbes = [
  ['with probes', { probes: [crossEntropyProbe()] }],
  ['without any', { probes: [] }],
] as const

describe.each<[string, (step: number) => Optimizer]>([
  ['sgd', (step) => breakingAt(step, sgd({ lr: 1e4 }))],
  ['momentum', (step) => breakingAt(step, sgd({ lr: 1e4, momentum: 0.9 }))],
])('a run that diverges under %s', (_, breaking) => {
  const calm = { kind: 'sgd', lr: 1e-9 }
  const optimizer = (step: number): Optimizer => {
    const broken = breaking(step)
    return { ...broken, config: calm, rates: (now) => (now === step ? broken.rates(now) : [1e-9]) }
  }

  test.each(everyProbes)('%s keeps its last good checkpoint and says what went bad', async (_, options) => {
    const { error, checkpoints } = await failing({ ...options, optimizer: optimizer(5) })
    expect(error.message).toMatch(
      /^step 6: (embed|blocks|ln_final|unembed|grad|logits|optimizer)\S*: .*\[NOT_FINITE\]$/,
    )
    expect(checkpoints.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5])
    for (const { state } of checkpoints) {
      for (const { data } of Object.values(state)) expect(data.every(Number.isFinite)).toBe(true)
    }
    const resume = decodeCheckpoint(encodeCheckpoint(checkpoints[4]))
    const whole = { ...base, ...options, interventions: [], optimizer: optimizer(99) }
    const resumed = await train(model, task, { ...whole, resume })
    expect(bytesOf(resumed)).toBe(bytesOf(await train(model, task, whole)))
  })

  test.each(everyProbes)('%s at its very last step leaves nothing non-finite either', async (_, options) => {
    const { error, checkpoints } = await failing({ ...options, optimizer: optimizer(11) })
    expect(error.message).toMatch(/^step 12: \S+: .*\[NOT_FINITE\]$/)
    expect(checkpoints.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })
})

test('what errors.md advises works: the parameters of the last checkpoint, at a lower rate', async () => {
  const { checkpoints } = await failing({ optimizer: breakingAt(5, sgd({ lr: 1e-3 })), checkpointEvery: 2 * BATCH })
  const last = checkpoints[checkpoints.length - 1]
  expect(last.step).toBe(4)
  const { run } = await tinyRun({ parameters: checkpointParameters(last), optimizer: adam({ lr: 1e-4 }) })
  expect(run.steps).toBe(12)
})

describe('an evaluation', () => {
  test('that gives NaN names its step, its set and the point that went bad first', async () => {
    const parameters = initialize(model, 5)
    parameters['blocks.1.attn.k.weight'].data.fill(3e38)
    const { error } = await failing({ parameters })
    expect(error.message).toMatch(/^step 0, evaluation "train": blocks\.1\.attn\.k: .*\[NOT_FINITE\]$/)
  })

  test.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['infinity', [0, Number.POSITIVE_INFINITY]],
    ['nothing', undefined],
    ['text', '0.5'],
  ])('of a probe that makes %s of finite points names the probe', async (_, value) => {
    const probe = { name: 'broken', points: ['logits'], read: () => value as number }
    const { error } = await failing({ probes: [probe] })
    expect(error.message).toMatch(/^step 0, evaluation "train": probe "broken": .*\[NOT_FINITE\]$/)
  })
})
