import * as opsin from 'opsin'
import { adam, at, crossEntropyProbe, inductionStrength, type TrainOptions, train, training } from 'opsin'
import type { Call } from './call.ts'
import { interventions, model, task } from './tiny.ts'

/** With a length that is right but endless, until something happens. */
async function trainAWhile(of: opsin.Model, on: opsin.Task, options: TrainOptions): Promise<unknown> {
  const length = options?.sequences
  if (!(typeof length === 'number' && length > 1000)) return train(of, on, options)
  const run = training(of, on, options)
  for (;;) {
    const next = await run.next()
    if (next.done || next.value.type === 'progress') return next.value
  }
}

const trainOptions = (): TrainOptions => ({
  sequences: 4,
  batch: 2,
  seed: 5,
  optimizer: adam({ lr: 1e-3 }),
  engine: 'reference',
  interventions: interventions().slice(0, 2),
  probes: [crossEntropyProbe(), inductionStrength({ layer: 1 })],
  evaluations: [{ name: 'all', evaluator: 'train', count: 4, interventions: [] }],
  evaluateAt: [2],
  checkpointEvery: 2,
  observe: ['logits', at(model, 'grad(blocks.0.attn.z)', { head: 1 })],
  onStep: () => {},
  onEvent: () => {},
  signal: new AbortController().signal,
  without: ['share'],
})

const finished = await train(model, task, { sequences: 4, batch: 2, engine: 'reference', evaluateAt: 2 })
const bytes = opsin.encodeCheckpoint(finished.checkpoint)
export const runs: Call[] = [
  { name: 'train', args: () => [model, task, trainOptions()], run: trainAWhile, share: 5 },
  {
    name: 'train in groups',
    args: () => [
      model,
      task,
      {
        sequences: 4,
        batch: 2,
        engine: 'reference',
        optimizer: opsin.groups([
          { match: 'blocks.*', optimizer: adam({ lr: 1e-3 }), turns: { every: 2, to: 1 } },
          { match: '*', optimizer: opsin.sgd({ lr: 1e-3, clip: 1 }) },
        ]),
      },
    ],
    run: trainAWhile,
    // Its config is said again, whatever is in it.
    carries: true,
    free: /config/,
  },
  {
    name: 'train that resumes',
    args: () => [
      model,
      task,
      { sequences: 8, batch: 2, engine: 'reference', evaluateAt: 2, resume: opsin.decodeCheckpoint(bytes.slice()) },
    ],
    run: trainAWhile,
    share: 2,
    free: /identity|records/,
  },
  {
    name: 'curve',
    args: () => [{ records: [{ step: 0, sequences: 0, set: 'train', values: { loss: 1 } }] }, 'loss', 'train'],
    run: opsin.curve,
    carries: true,
    free: /args\[0\]\[/,
  },
  {
    name: 'checkpointParameters',
    args: () => [{ state: opsin.decodeCheckpoint(bytes.slice()).state }],
    run: opsin.checkpointParameters,
    carries: true,
    free: /./,
  },
  {
    name: 'encodeCheckpoint',
    args: () => [opsin.decodeCheckpoint(bytes.slice())],
    run: opsin.encodeCheckpoint,
    free: /identity|records/,
  },
  { name: 'decodeCheckpoint', args: () => [bytes.slice(), 'run'], run: opsin.decodeCheckpoint },
]
