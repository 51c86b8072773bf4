import {
  adam,
  attentionOnly,
  decodeCheckpoint,
  encodeCheckpoint,
  fewShot,
  initialize,
  OpsinError,
  sgd,
  train,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { BATCH, base, bytesOf, model, task, tinyRun, windows } from '../support/runs.ts'

const optimizers = { adam: adam({ lr: 0.01 }), 'sgd with momentum': sgd({ lr: 0.05, momentum: 0.9 }) }

describe.each(['wasm', 'reference'] as const)('%s', (engine) => {
  describe.each(Object.entries(optimizers))('%s', (_, optimizer) => {
    it('resumed at any step, ends in the same bytes as the unbroken run', async () => {
      const { run, checkpoints } = await tinyRun({ engine, optimizer, checkpointEvery: BATCH })
      expect(checkpoints.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
      // Around every edge of a window, and at the end.
      const steps = engine === 'wasm' ? [1, 3, 5, 8, 10, 12] : [3, 6]
      for (const checkpoint of checkpoints.filter(({ step }) => steps.includes(step))) {
        const resume = decodeCheckpoint(encodeCheckpoint(checkpoint))
        const again = await tinyRun({ engine, optimizer, resume })
        expect(bytesOf(again.run), `from step ${checkpoint.step}`).toBe(bytesOf(run))
        expect(again.run.receipts).toEqual(run.receipts)
        if (checkpoint.step < 12) expect(again.run.records).toEqual(run.records)
      }
    })

    it('a longer run that goes on from a shorter one equals the long one, wherever the short one ended', async () => {
      const interventions = windows.map((one) => ({ ...one, optional: true }))
      const long = (await tinyRun({ engine, optimizer, interventions })).run
      for (const sequences of engine === 'wasm' ? [12, 16, 20] : [20]) {
        const short = await tinyRun({ engine, optimizer, interventions, sequences })
        const { run } = await tinyRun({ engine, optimizer, interventions, resume: short.run.checkpoint })
        expect(bytesOf(run), `after ${sequences}`).toBe(bytesOf(long))
        expect(run.records, `after ${sequences}`).toEqual(long.records)
      }
    })
  })

  it('the same seed gives the same bytes, another seed others', async () => {
    const one = bytesOf((await tinyRun({ engine })).run)
    expect(bytesOf((await tinyRun({ engine })).run)).toBe(one)
    expect(bytesOf((await tinyRun({ engine, seed: 6 })).run)).not.toBe(one)
  })
})

describe('a checkpoint of another run', () => {
  const other = attentionOnly({
    layers: 2,
    heads: 2,
    dModel: 8,
    eps: 1e-6,
    inputs: { kind: 'exemplars', features: 6, labels: 5 },
  })
  const otherTask = fewShot({
    ...task.config,
    features: { classes: 12, features: 6, seed: 4 },
    evaluationSize: 8,
  } as object)
  const changes: [string, () => Promise<unknown>, RegExp][] = [
    ['model', () => resumed(other, task), /resume at step 12: model.*eps.*\[CHECKPOINT\]/],
    ['task', () => resumed(model, otherTask), /: task.*\[CHECKPOINT\]/],
    [
      'interventions',
      () => resumed(model, task, { interventions: windows.slice(1) }),
      /: interventions.*\[CHECKPOINT\]/,
    ],
    [
      'a window',
      () => resumed(model, task, { interventions: windows.map((one) => ({ ...one, optional: true })) }),
      /: interventions/,
    ],
    [
      'engine',
      () => resumed(model, task, { engine: 'reference' }),
      /: engine: expected "wasm", got "reference".*\[CHECKPOINT\]/,
    ],
    [
      'optimizer',
      () => resumed(model, task, { optimizer: adam({ lr: 0.1 }) }),
      /: optimizer.*"lr":0.00001.*got.*"lr":0.1/,
    ],
    ['batch', () => resumed(model, task, { batch: 8 }), /: batch: expected 4, got 8/],
    ['seed', () => resumed(model, task, { seed: 9 }), /: seed: expected 5, got 9/],
    ['parameters', () => resumed(model, task, { parameters: initialize(model, 1) }), /: initial/],
  ]

  async function resumed(of: typeof model, on: typeof task, change: object = {}) {
    const { run } = await tinyRun()
    return train(of, on, { ...base, sequences: 64, resume: run.checkpoint, ...change })
  }

  it.each(changes)('is refused for its %s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message)
    await expect(attempt()).rejects.toThrow(OpsinError)
  })
})

describe('a checkpoint that lies', () => {
  const changed = async (change: (state: Record<string, object>) => void) => {
    const { checkpoint } = (await tinyRun({ sequences: 24 })).run
    const state: Record<string, object> = { ...checkpoint.state }
    change(state)
    return tinyRun({ resume: { ...checkpoint, state } as typeof checkpoint })
  }

  it('about its parameters or the state of its optimiser is refused', async () => {
    const cases: [(state: Record<string, object>) => void, RegExp][] = [
      [(state) => void delete state['unembed.bias'], /"unembed.bias".*\[(SHAPE|CHECKPOINT)\]/],
      [(state) => void delete state['optimizer.m'], /"optimizer.m".*\[(SHAPE|CHECKPOINT)\]/],
      [
        (state) => void Object.assign(state, { 'optimizer.w': state['optimizer.m'] }),
        /optimizer.w.*\[(NAME|CHECKPOINT)\]/,
      ],
      [(state) => void Object.assign(state, { 'unembed.bias': state['unembed.weight'] }), /"unembed.bias".*\[SHAPE\]/],
      [(state) => void Object.assign(state, { 'optimizer.v': state['unembed.weight'] }), /"optimizer.v".*\[SHAPE\]/],
      [
        (state) =>
          void Object.assign(state, { 'unembed.bias': { shape: [5], data: new Float32Array(5).fill(Number.NaN) } }),
        /"unembed.bias".*\[NOT_FINITE\]/,
      ],
    ]
    for (const [change, message] of cases) await expect(changed(change)).rejects.toThrow(message)
  })
})
