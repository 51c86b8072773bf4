import {
  ablate,
  at,
  clamp,
  crossEntropyProbe,
  during,
  duringSteps,
  type EvaluationSet,
  type Intervention,
  OpsinError,
  type TrainEvent,
  type TrainOptions,
  type Window,
} from 'opsin'
import { describe, expect, test } from 'vitest'
import { BATCH, model, tinyRun } from '../support/runs.ts'

const site = at(model, 'blocks.0.attn.pattern', { head: 0 })
const one = (when?: Window, more: object = {}) => [clamp(site, 0.2, { ...(when && { when }), ...more })]
const own = (interventions: readonly Intervention[]): EvaluationSet => ({ evaluator: 'train', interventions })

// 12 steps of 4 sequences, measured every 16: at steps 0, 4, 8 and 12.
const every = { evaluateAt: 16, probes: [crossEntropyProbe()] } satisfies Partial<TrainOptions>

describe('an intervention that no moment of the run would feel is refused before it starts', () => {
  const inTraining = /interventions\[0\].*one of the run's 12 steps of 4 sequences.*\[NO_EFFECT\]/
  const inEvaluation = /interventions\[0\].*an evaluation.*\[NO_EFFECT\]/
  test.each<[string, Partial<TrainOptions>, RegExp]>([
    ['a window between two steps', { interventions: one(during(5, 8)) }, inTraining],
    ['a window between two steps, in steps', { interventions: one(duringSteps(1.2, 1.8)) }, inTraining],
    ['a window after the end', { interventions: one(during(48, 90)) }, inTraining],
    ['a window that only the end, which trains no more, is in', { interventions: one(duringSteps(12)) }, inTraining],
    [
      'one that waits for evaluations that do not come',
      { interventions: one(duringSteps(5, 8), { phase: ['eval'] }) },
      inEvaluation,
    ],
    [
      'one for evaluations, where every set has its own',
      { interventions: one(undefined, { phase: ['eval'] }), evaluations: [own([])] },
      inEvaluation,
    ],
    [
      'one for evaluations, where nothing is measured',
      { interventions: one(undefined, { phase: ['eval'] }), probes: [] },
      inEvaluation,
    ],
    [
      'one of a set, between two evaluations',
      { interventions: [], evaluations: [own(one(during(20, 32)))] },
      /evaluations\[0\]\.interventions\[0\].*\[NO_EFFECT\]/,
    ],
  ])('%s', async (_, options, message) => {
    const told: TrainEvent[] = []
    const run = () => tinyRun({ ...every, ...options, onEvent: (event) => void told.push(event) })
    await expect(run()).rejects.toThrow(message)
    await expect(run()).rejects.toThrow(OpsinError)
    expect(told).toEqual([])
    const optional = (list: readonly Intervention[] = []) => list.map((each) => ({ ...each, optional: true }))
    const { run: done } = await tinyRun({
      ...every,
      ...options,
      interventions: optional(options.interventions),
      ...(options.evaluations && {
        evaluations: options.evaluations.map((set) => ({ ...set, interventions: optional(set.interventions) })),
      }),
    })
    expect(done.receipts.every(({ fired }) => fired === 0)).toBe(true)
  })
})

describe('an intervention that a single moment feels is not, and fires there', () => {
  test.each<[string, Partial<TrainOptions>, number]>([
    ['a window of the first step', { interventions: one(during(0, 1)) }, 1],
    ['a window of one step', { interventions: one(during(5, 9)) }, 1],
    ['a window of the last step', { interventions: one(during(41, 45)) }, 1],
    ['one evaluation', { interventions: one(duringSteps(4, 5), { phase: ['eval'] }) }, 1],
    ['the evaluation at the end', { interventions: one(duringSteps(12), { phase: ['eval'] }) }, 1],
    ['a window of a set that its last evaluation is in', { interventions: [], evaluations: [own(one(during(48)))] }, 0],
    [
      'one of a set that is for training alone',
      { interventions: [], evaluations: [own(one(undefined, { phase: ['train'] }))] },
      0,
    ],
  ])('%s', async (_, options, fired) => {
    const { run } = await tinyRun({ ...every, ...options })
    expect(run.steps).toBe(12)
    expect(run.receipts.map((receipt) => receipt.fired)).toEqual(run.receipts.map(() => fired))
  })

  test('all the same for every window, as its receipt counts', async () => {
    const counted = (from: number, to: number) =>
      Array.from({ length: 12 }, (_, step) => step * BATCH).filter((at) => at >= from && at < to).length
    for (let from = 0; from < 16; from += 3) {
      for (let to = from + 1; to < from + 9; to += 2) {
        const run = tinyRun({ ...every, probes: [], interventions: [ablate(site, { when: during(from, to) })] })
        if (counted(from, to) === 0) await expect(run, `${from} to ${to}`).rejects.toThrow(/\[NO_EFFECT\]/)
        else expect((await run).run.receipts[0].fired, `${from} to ${to}`).toBe(counted(from, to))
      }
    }
  })
})
