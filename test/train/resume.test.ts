import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ablate,
  adam,
  at,
  attentionOnly,
  checkpointParameters,
  decodeCheckpoint,
  duringSteps,
  encodeCheckpoint,
  fewShot,
  initialize,
  OpsinError,
  runWithCache,
  sgd,
  type TrainEvent,
  train,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { RunLog } from '../../src/cli/run-log.ts'
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

describe('a run that goes on', () => {
  /** What is told at one moment of one process only is left out: that it starts, and how fast it is. */
  const lasting = (events: readonly TrainEvent[]) =>
    events.filter(({ type }) => type !== 'start' && type !== 'progress')
  /** As if read from a file, where nothing but values is kept. */
  const plain = (events: readonly TrainEvent[]) =>
    events.map((event) => (event.type === 'checkpoint' ? bytesOf(event.checkpoint) : JSON.stringify(event)))
  const header = { interventions: 'these' }

  // One that closes with nothing left open, one over all, and windows that follow one another without a gap.
  const closing = [ablate(at(model, 'embed'), { when: duringSteps(2, 5) })]
  const handover = [
    ablate(at(model, 'blocks.0.attn.v'), { when: duringSteps(0, 4) }),
    ablate(at(model, 'blocks.1.attn.v'), { when: duringSteps(4, 8) }),
  ]
  it.each([
    ['windows of both units', windows],
    ['a window that closes on nothing', closing],
    ['one window after another', handover],
  ])('tells from any step on, under %s, what the unbroken run told, and leaves its log', async (_, interventions) => {
    const options = { interventions, checkpointEvery: BATCH, sequences: 46 }
    const { events, checkpoints } = await tinyRun(options)
    const folder = mkdtempSync(join(tmpdir(), 'opsin-resume-'))
    const whole = join(folder, 'whole.jsonl')
    const log = RunLog.start(whole, header)
    for (const event of events) log.write(event)
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint))
      const told = (await tinyRun({ ...options, resume })).events
      if (resume.step < 12) {
        const from = events.findIndex((event) => event.type === 'checkpoint' && event.checkpoint.step === resume.step)
        expect(plain(lasting(told)), `from step ${resume.step}`).toEqual(plain(lasting(events.slice(from + 1))))
      }
      // The process may have gone on for any time after the checkpoint: the log has more than it.
      const path = join(folder, `${resume.step}.jsonl`)
      copyFileSync(whole, path)
      const resumed = RunLog.resume(path, header, resume)
      for (const event of told) resumed.write(event)
      expect(readFileSync(path, 'utf8'), `from step ${resume.step}`).toBe(readFileSync(whole, 'utf8'))
    }
    rmSync(folder, { recursive: true })
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
    ['length', () => resumed(model, task, { sequences: 24 }), /at step 12.*which ends at 6.*beyond.*\[CHECKPOINT\]/],
    [
      'receipts',
      async () => {
        const { run } = await tinyRun()
        return resumed(model, task, { resume: { ...run.checkpoint, receipts: [] } })
      },
      /expected 3 receipts, got 0.*\[CHECKPOINT\]/,
    ],
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

describe('a branch', () => {
  it('starts a new run from the parameters of a checkpoint, with another rate', async () => {
    const { checkpoints } = await tinyRun({ optimizer: adam({ lr: 0.01 }), checkpointEvery: 24 })
    const checkpoint = decodeCheckpoint(encodeCheckpoint(checkpoints[0]))
    const parameters = checkpointParameters(checkpoint)
    expect(Object.keys(parameters).sort()).toEqual(model.parameters.map(({ name }) => name).sort())
    const branch = await tinyRun({ parameters, optimizer: adam({ lr: 0.001 }), interventions: [] })
    const inputs = { ...task.tables, ...task.evaluator('train') }
    const { cache } = await runWithCache(model, parameters, inputs)
    expect(branch.run.steps).toBe(12)
    expect(branch.run.records[0].values.loss).toBeCloseTo(cache.loss.data[0], 5)
    await expect(tinyRun({ resume: checkpoint, optimizer: adam({ lr: 0.001 }) })).rejects.toThrow(/\[CHECKPOINT\]/)
  })
})
