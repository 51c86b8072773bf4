import { fewShot, type Task, type TrainEvent, train, training } from 'opsin'
import { describe, expect, it } from 'vitest'
import { BATCH, base, model, task, tinyRun } from '../support/runs.ts'

const reason = new Error('enough')

/** A signal that is aborted when `abort` is called. */
function stopping() {
  const controller = new AbortController()
  return { abort: () => controller.abort(reason), signal: controller.signal }
}

describe('an abort is heard', () => {
  it('before anything is made ready', async () => {
    const { abort, signal } = stopping()
    abort()
    const untouched: Task = {
      ...task,
      batch() {
        throw new Error('it looked at the task')
      },
    }
    await expect(train(model, untouched, { ...base, signal })).rejects.toBe(reason)
  })

  it('while it is made ready', async () => {
    const { abort, signal } = stopping()
    const events: TrainEvent[] = []
    const run = train(model, task, { ...base, signal, onEvent: (event) => void events.push(event) })
    abort()
    await expect(run).rejects.toBe(reason)
    expect(events).toEqual([])
  })

  it('after any event, and then nothing more is told', async () => {
    const { events } = await tinyRun({ checkpointEvery: BATCH })
    const count = events.filter(({ type }) => type !== 'progress').length
    for (let last = 1; last <= count; last++) {
      const { abort, signal } = stopping()
      let told = 0
      const onEvent = ({ type }: TrainEvent) => {
        if (type !== 'progress' && ++told === last) abort()
      }
      await expect(tinyRun({ checkpointEvery: BATCH, signal, onEvent }), `event ${last}`).rejects.toBe(reason)
      expect(told).toBe(last)
    }
  })

  it('after any event of the iterator', async () => {
    const { abort, signal } = stopping()
    const events = training(model, task, { ...base, signal })
    await events.next()
    abort()
    await expect(events.next()).rejects.toBe(reason)
    expect((await events.next()).done).toBe(true)
  })

  it('within a step', async () => {
    for (const last of [0, 1, 5, 11]) {
      const { abort, signal } = stopping()
      const steps: number[] = []
      const onStep = ({ step }: { step: number }) => {
        steps.push(step)
        if (step === last) abort()
      }
      await expect(tinyRun({ signal, onStep })).rejects.toBe(reason)
      expect(steps.at(-1)).toBe(last)
    }
  })

  it('from a timer, however short the stretches between two evaluations', async () => {
    const { abort, signal } = stopping()
    setTimeout(abort, 20)
    // Far longer than a breath together, far shorter each.
    const run = tinyRun({ sequences: BATCH * 10_000, evaluateAt: BATCH, interventions: [], signal })
    await expect(run).rejects.toBe(reason)
  })

  it('from a timer, in the middle of an evaluation', async () => {
    const large = fewShot({ features: { classes: 60, features: 6 }, classes: 50, evaluationSize: 100_000 })
    const { abort, signal } = stopping()
    const told: string[] = []
    const onEvent = ({ type }: TrainEvent) => {
      told.push(type)
      setTimeout(abort, 20)
    }
    await expect(train(model, large, { ...base, interventions: [], signal, onEvent })).rejects.toBe(reason)
    expect(told).toEqual(['start'])
  })
})

describe('what a callback throws ends the run', () => {
  it.each([
    [
      'onEvent',
      {
        onEvent() {
          throw reason
        },
      },
    ],
    ['an asynchronous onEvent', { onEvent: async () => Promise.reject(reason) }],
    [
      'onStep',
      {
        onStep() {
          throw reason
        },
      },
    ],
    ['an asynchronous onStep', { onStep: async () => Promise.reject(reason) }],
  ])('%s', async (_, callback) => {
    await expect(tinyRun(callback)).rejects.toBe(reason)
  })
})
