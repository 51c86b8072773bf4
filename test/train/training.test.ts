import {
  ablate,
  at,
  clamp,
  crossEntropyProbe,
  curve,
  during,
  duringSteps,
  fewShot,
  inductionStrength,
  initialize,
  OpsinError,
  type Probe,
  previousToken,
  runWithCache,
  scale,
  sgd,
  type Tensor,
  type TrainEvent,
  type TrainOptions,
  train,
  training,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { BATCH, base, bytesOf, model, task, tinyRun, type windows } from '../support/runs.ts'

const pattern = at(model, 'blocks.0.attn.pattern', { head: 0 })
const told = (events: readonly TrainEvent[]) =>
  events
    .filter(({ type }) => type !== 'progress')
    .map((event) => {
      if (event.type === 'checkpoint') return `checkpoint ${event.checkpoint.step}`
      if (event.type === 'interventions') return `interventions ${event.step}: ${event.active}`
      return event.type === 'evaluation'
        ? `evaluation ${event.step} ${Object.keys(event.values)}`
        : `start ${event.step}`
    })

describe('events', () => {
  it('come in order, each on its own schedule', async () => {
    const { events } = await tinyRun({ checkpointEvery: 24 })
    const strength = 'induction-strength.1'
    expect(told(events)).toEqual([
      'start 0',
      `evaluation 0 loss,${strength}`,
      `evaluation 3 ${strength}`,
      'interventions 3: 0',
      'evaluation 4 loss',
      'interventions 5: 0,1,2',
      `evaluation 6 ${strength}`,
      'checkpoint 6',
      'interventions 7: 1,2',
      'evaluation 8 loss',
      `evaluation 9 ${strength}`,
      'interventions 10: 2',
      `evaluation 12 loss,${strength}`,
      'checkpoint 12',
    ])
  })

  it('are what the iterator yields; what it returns is the run', async () => {
    const events = training(model, task, base)
    const seen: TrainEvent[] = []
    let next = await events.next()
    for (; !next.done; next = await events.next()) seen.push(next.value)
    const { run, events: others } = await tinyRun()
    expect(told(seen)).toEqual(told(others))
    expect(bytesOf(next.value)).toBe(bytesOf(run))
  })

  it('at a list of moments fall on the first step that has seen as many', async () => {
    const { run } = await tinyRun({ evaluateAt: [5, 16, 40], probes: [crossEntropyProbe()] })
    expect(curve(run).map(([sequences]) => sequences)).toEqual([0, 8, 16, 40, 48])
  })
})

describe('evaluation', () => {
  it('measures each set under its own interventions, or those of training', async () => {
    const always = clamp(pattern, previousToken())
    const evaluations = [
      { evaluator: 'train', name: 'as trained' },
      { evaluator: 'train', name: 'released', interventions: [] },
      { evaluator: 'relabel', name: 'silenced', count: 5, interventions: [ablate(at(model, 'blocks.1.attn.v'))] },
    ]
    const { run } = await tinyRun({ interventions: [always], evaluations, probes: [crossEntropyProbe()] })
    const lossOf = async (
      evaluator: string,
      count: number,
      interventions: NonNullable<TrainOptions['interventions']>,
    ) => {
      const inputs = { ...task.tables, ...task.evaluator(evaluator, count) }
      return (await runWithCache(model, run.parameters, inputs, { interventions })).cache.loss.data[0]
    }
    const last = (set: string) => curve(run, 'loss', set).at(-1)?.[1]
    expect(last('as trained')).toBeCloseTo(await lossOf('train', 8, [always]), 5)
    expect(last('released')).toBeCloseTo(await lossOf('train', 8, []), 5)
    expect(last('silenced')).toBeCloseTo(await lossOf('relabel', 5, evaluations[2].interventions ?? []), 5)
    expect(last('as trained')).not.toBeCloseTo(last('released') ?? 0, 5)
  })

  it('follows the windows of training: shut before an edge, open from it on', async () => {
    for (const when of [duringSteps(3, 6), during(12, 24), during(9, 21)]) {
      const interventions = [clamp(at(model, 'logits'), 0, { when })]
      const { run } = await tinyRun({ interventions, evaluateAt: BATCH, probes: [crossEntropyProbe()] })
      const flat = curve(run).map(([, loss]) => Math.abs(loss - Math.log(5)) < 1e-6)
      expect(flat).toEqual([...Array(3).fill(false), ...Array(3).fill(true), ...Array(7).fill(false)])
      expect(run.receipts[0]).toMatchObject({ fired: 3, elements: BATCH * 5 })
    }
  })

  it('has phases: only in training, only when measuring', async () => {
    const both = [
      clamp(at(model, 'logits'), 0, { phase: ['eval'] }),
      scale(at(model, 'embed'), 1.5, { phase: ['train'] }),
    ]
    const { run } = await tinyRun({ interventions: both, probes: [crossEntropyProbe()] })
    expect(curve(run).every(([, loss]) => Math.abs(loss - Math.log(5)) < 1e-6)).toBe(true)
    expect(run.receipts.map(({ fired }) => fired > 0)).toEqual([true, true])
    expect(run.receipts[1].fired).toBe(12)
    const trained = await tinyRun({ interventions: [scale(at(model, 'embed'), 1.5)] })
    expect(run.parameters).toEqual(trained.run.parameters)
  })

  it('reads the loss and gradients of a whole set, however large', async () => {
    const sum = ({ data }: Tensor) => Array.from(data, Math.abs).reduce((a, b) => a + b)
    const points = ['loss', 'grad(blocks.1.resid_post)']
    const probes = points.map((point): Probe => ({ name: point, points: [point], read: (of) => sum(of.points[point]) }))
    const evaluations = [{ evaluator: 'train', count: 256 }]
    const { run } = await tinyRun({ probes, evaluations, interventions: [] })
    const inputs = { ...task.tables, ...task.evaluator('train', 256) }
    const { cache } = await runWithCache(model, run.parameters, inputs, { cache: points as 'loss'[] })
    for (const point of points) {
      const wanted = sum(cache[point as 'loss'])
      expect(Number(run.records.at(-1)?.values[point]) / wanted, point).toBeCloseTo(1, 5)
    }
  })

  it('changes nothing about the training', async () => {
    const quiet = await tinyRun({ evaluateAt: 1000, probes: [crossEntropyProbe()] })
    const busy = await tinyRun({
      evaluateAt: 4,
      probes: [crossEntropyProbe(), inductionStrength({ layer: 0, every: 8 })],
    })
    expect(busy.run.parameters).toEqual(quiet.run.parameters)
  })
})

describe('an evaluation set with interventions of its own', () => {
  it('follows their windows and phases', async () => {
    const at3 = [
      clamp(at(model, 'logits'), 0, { when: duringSteps(3, 6) }),
      scale(at(model, 'embed'), 9, { phase: ['train'] }),
    ]
    const evaluations = [{ evaluator: 'train', interventions: at3 }]
    const { run } = await tinyRun({ evaluations, evaluateAt: BATCH, probes: [crossEntropyProbe()] })
    const flat = curve(run).map(([, loss]) => Math.abs(loss - Math.log(5)) < 1e-6)
    expect(flat).toEqual([...Array(3).fill(false), ...Array(3).fill(true), ...Array(7).fill(false)])
    const plain = await tinyRun({ evaluateAt: BATCH, probes: [crossEntropyProbe()] })
    expect(curve(run)[0]).toEqual(curve(plain.run)[0])
  })
})

describe('what ends a run', () => {
  it('an abort, with its reason', async () => {
    const controller = new AbortController()
    let last = 0
    const run = tinyRun({
      sequences: 4_000_000,
      interventions: [],
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'evaluation') last = event.step
        if (event.type === 'evaluation' && event.step === 8) controller.abort(new Error('enough'))
      },
    })
    await expect(run).rejects.toThrow('enough')
    expect(last).toBeLessThanOrEqual(9)
    await expect(tinyRun({ signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
  })

  it('numbers that are none, with the first point that went bad', async () => {
    const parameters = initialize(model, 5)
    parameters['blocks.1.attn.k.weight'].data.fill(3e38)
    await expect(tinyRun({ parameters })).rejects.toThrow(
      /step 0, .*: blocks\.1\.attn\.k: expected finite.*\[NOT_FINITE\]/,
    )
    const diverging = tinyRun({ optimizer: sgd({ lr: 1e38 }), sequences: 400, interventions: [] })
    await expect(diverging).rejects.toThrow(/step \d+: (embed|blocks\.\d|grad).*\[NOT_FINITE\]/)
  })

  it('numbers that are none after the very last step', async () => {
    const run = tinyRun({ optimizer: sgd({ lr: 1e38 }), sequences: BATCH, interventions: [] })
    await expect(run).rejects.toThrow(/\[NOT_FINITE\]/)
  })
})

describe('before anything runs', () => {
  const later = (one: (typeof windows)[number]) => ({ ...one, when: duringSteps(6) })
  const refused: [string, Partial<TrainOptions>, RegExp][] = [
    [
      'a window that opens too late',
      { interventions: [clamp(pattern, 0.2, { when: during(48) })] },
      /12 steps of 4 sequences.*\[NO_EFFECT\]/,
    ],
    [
      'a conflict in a later window of an evaluation',
      { evaluations: [{ evaluator: 'train', interventions: [later(clamp(pattern, 0.2)), later(ablate(pattern))] }] },
      /\[CONFLICT\]/,
    ],
    [
      'a selection in a later window that evaluations do not have',
      {
        interventions: [later(ablate(at(model, 'embed', { batch: 3 })))],
        evaluations: [{ evaluator: 'train', count: 2 }],
      },
      /"batch".*\[VALUE\]/,
    ],
    [
      'a probe of a point that there is not',
      { probes: [{ ...crossEntropyProbe(), points: ['logit'] }] },
      /Nearest: logits.*\[NAME\]/,
    ],
    [
      'a conflict in a later window',
      { interventions: [later(clamp(pattern, 0.2)), later(ablate(pattern))] },
      /\[CONFLICT\]/,
    ],
    [
      'a later intervention that cannot be',
      { interventions: [later(clamp(at(model, 'embed'), previousToken()))] },
      /attn\.pattern.*\[VALUE\]/,
    ],
    ['an unknown set', { evaluations: [{ evaluator: 'tran' }] }, /Nearest: train.*\[NAME\]/],
    [
      'a set with an unknown point',
      { evaluations: [{ evaluator: 'train', interventions: [ablate({ point: 'embd' })] }] },
      /Nearest: embed.*\[NAME\]/,
    ],
    [
      'parameters of another shape',
      { parameters: { ...initialize(model, 1), 'unembed.bias': { shape: [4], data: new Float32Array(4) } } },
      /"unembed.bias".*\[SHAPE\]/,
    ],
    [
      'a parameter too many',
      { parameters: { ...initialize(model, 1), 'unembed.bas': { shape: [1], data: new Float32Array(1) } } },
      /Nearest: unembed.bias.*\[NAME\]/,
    ],
    ['an unknown engine', { engine: 'wsm' as 'wasm' }, /Nearest: wasm.*\[NAME\]/],
  ]
  it.each(refused)('%s is refused', async (_, options, message) => {
    const events: TrainEvent[] = []
    const run = train(model, task, {
      ...base,
      interventions: [],
      onEvent: (event) => void events.push(event),
      ...options,
    })
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(OpsinError)
    expect(events).toEqual([])
  })

  it('labels and features that do not fit the model are refused', async () => {
    const many = fewShot({ ...task.config, labels: 9 } as object)
    await expect(train(model, many, base)).rejects.toThrow(/\[VALUE\]/)
    const wide = fewShot({ ...task.config, features: { classes: 12, features: 7, seed: 3 } } as object)
    await expect(train(model, wide, base)).rejects.toThrow(/\[SHAPE\]/)
  })
})
