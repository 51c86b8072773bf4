import { ablate, at, crossEntropyProbe, OpsinError, runWithCache, type TrainOptions, train } from 'opsin'
import { describe, expect, test } from 'vitest'
import { base, model, task, tinyRun } from '../support/runs.ts'

/** Options as plain JavaScript may write them. */
const options = (wrong: object): TrainOptions => ({ ...base, interventions: [], ...wrong })
const silenced = [ablate(at(model, 'embed'))]
const set = (change: object) => ({ evaluations: [{ evaluator: 'train', ...change }] })
const named = (name: string, every?: number) => ({
  ...crossEntropyProbe(),
  name,
  ...(every === undefined ? {} : { every }),
})

describe('train refuses', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown option', { intervention: silenced }, /train.*"intervention"\. Nearest: interventions.*\[NAME\]/],
    ['no sequences', { sequences: undefined }, /train: sequences: expected a positive integer, got nothing.*\[VALUE\]/],
    ['no length', { sequences: 0 }, /sequences.*\[VALUE\]/],
    ['half a batch', { batch: 1.5 }, /batch.*\[VALUE\]/],
    ['evaluations at no moment', { evaluateAt: [-1] }, /evaluateAt.*\[VALUE\]/],
    ['an interval of nothing', { checkpointEvery: 0 }, /checkpointEvery.*\[VALUE\]/],
    ['sequences as text', { sequences: '48' }, /train: sequences.*"48".*\[VALUE\]/],
    ['a batch of infinity', { batch: Number.POSITIVE_INFINITY }, /train: batch.*Infinity.*\[VALUE\]/],
    ['half a seed', { seed: 0.5 }, /train: seed.*\[VALUE\]/],
    ['a seed too large', { seed: 2 ** 32 }, /seed.*\[VALUE\]/],
    ['an engine by number', { engine: 5 }, /train: engine.*\[VALUE\]/],
    ['a path in place of a checkpoint', { resume: 'run.safetensors' }, /train: resume.*checkpoint.*"run.*\[VALUE\]/],
    ['a checkpoint of nothing', { resume: {} }, /train: resume.*\[VALUE\]/],
    ['one intervention in place of a list', { interventions: silenced[0] }, /train: interventions: expected an array/],
    ['an optimiser by name', { optimizer: 'adam' }, /train: optimizer.*adam\(…\).*"adam".*\[VALUE\]/],
    ['the config of an optimiser', { optimizer: { kind: 'adam', lr: 1 } }, /train: optimizer.*\[VALUE\]/],
    ['groups by hand', { optimizer: { config: {}, groups: [{ match: 5 }] } }, /groups\[0\]\.match: .*got 5.*\[VALUE\]/],
    ['one probe in place of a list', { probes: crossEntropyProbe() }, /train: probes: expected an array.*\[VALUE\]/],
    ['a probe by name', { probes: ['loss'] }, /train: probes\[0\]: expected an object, got "loss".*\[VALUE\]/],
    ['a probe that reads nothing', { probes: [{ name: 'x', points: ['logits'] }] }, /probes\[0\]: read.*\[VALUE\]/],
    [
      'a probe of one point',
      { probes: [{ ...crossEntropyProbe(), points: 'logits' }] },
      /probes\[0\]: points.*\[VALUE\]/,
    ],
    ['a probe at no moment', { probes: [named('loss', 0)] }, /probes\[0\]: every.*\[VALUE\]/],
    ['two probes of one name', { probes: [named('loss'), named('loss', 8)] }, /probes\[1\].*"loss" again.*\[VALUE\]/],
    ['an unknown field of a set', set({ intervention: [] }), /evaluations\[0\].*Nearest: interventions.*\[NAME\]/],
    ['a set without an evaluator', set({ evaluator: undefined }), /evaluations\[0\]\.evaluator.*nothing.*\[VALUE\]/],
    ['half a sequence', set({ count: 0.5 }), /evaluations\[0\]\.count.*\[VALUE\]/],
    [
      'two sets of one name',
      { evaluations: [{ evaluator: 'train', count: 4 }, { evaluator: 'relabel' }, { evaluator: 'train' }] },
      /evaluations\[2\]: expected a name of its own, got "train" again.*\[VALUE\]/,
    ],
    ['a set by name', { evaluations: ['train'] }, /evaluations\[0\]: expected an object.*"train".*\[VALUE\]/],
    ['evaluations at a word', { evaluateAt: 'end' }, /train: evaluateAt.*"end".*\[VALUE\]/],
    ['an event as a listener', { onEvent: {} }, /train: onEvent: expected a function.*\[VALUE\]/],
    ['a controller in place of a signal', { signal: new AbortController() }, /train: signal.*\[VALUE\]/],
    ['a pass by itself', { without: 'share' }, /train: without.*\[VALUE\]/],
    ['a pass that is none', { without: [5] }, /train: without.*\[NAME\]/],
  ])('%s', async (_, wrong, message) => {
    await expect(train(model, task, options(wrong))).rejects.toThrow(message)
    await expect(train(model, task, options(wrong))).rejects.toThrow(OpsinError)
  })

  test('no options, and no task', async () => {
    const bare = train as (...given: unknown[]) => Promise<unknown>
    await expect(bare(model, task)).rejects.toThrow(/train: expected an object of options .*got nothing.*\[VALUE\]/)
    await expect(bare(model, undefined, base)).rejects.toThrow(/task: expected an object, got nothing.*\[VALUE\]/)
    await expect(bare(model, {}, base)).rejects.toThrow(/task: name.*\[VALUE\]/)
  })
})

test('a probe may be an object with a life and fields of its own', async () => {
  class Counting {
    readonly name = 'counting'
    readonly points = ['logits']
    reads = 0
    read() {
      return ++this.reads
    }
  }
  const { run } = await tinyRun({ probes: [new Counting()], interventions: [] })
  expect(run.records.map(({ values }) => values.counting)).toEqual([1, 2, 3, 4])
})

describe('runWithCache refuses', () => {
  const inputs = { ...task.tables, ...task.evaluator('train', 4) }
  test.each<[string, unknown, RegExp]>([
    ['an unknown option', { intervention: silenced }, /runWithCache.*Nearest: interventions.*\[NAME\]/],
    ['one point in place of a list', { cache: 'logits' }, /runWithCache: cache.*\[VALUE\]/],
    ['points by number', { cache: [3] }, /runWithCache: cache.*\[VALUE\]/],
    ['one intervention in place of a list', { interventions: silenced[0] }, /runWithCache: interventions.*\[VALUE\]/],
    ['no options at all', null, /runWithCache: expected an object of options.*\[VALUE\]/],
  ])('%s', async (_, wrong, message) => {
    const run = runWithCache(model, (await tinyRun()).run.parameters, inputs, wrong as object)
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(OpsinError)
  })
})
