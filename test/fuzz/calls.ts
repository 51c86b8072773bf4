import * as opsin from 'opsin'
import {
  ablate,
  activation,
  adam,
  at,
  attentionOnly,
  clamp,
  copyFrom,
  fewShot,
  type Intervention,
  induction,
  inductionStrength,
  initialize,
  lossProbe,
  match,
  patch,
  previousToken,
  scale,
  type TrainOptions,
  tensor,
  train,
  training,
} from 'opsin'

/** A function of the public API, and arguments with which it works. */
export interface Call {
  /** As it is exported; `probe.read` for a method of what it makes. */
  readonly name: string
  /** New ones each time. */
  args(): unknown[]
  run(...args: any[]): unknown
  /** It only carries numbers from one place to another, NaN among them. */
  readonly carries?: true
  /** Paths at which any field and any value is right, since they are the user's own. */
  readonly free?: RegExp
  /** How many cases it is worth; default 1. */
  readonly share?: number
}

export const model = attentionOnly({
  layers: 2,
  heads: 2,
  dModel: 4,
  inputs: { kind: 'exemplars', features: 3, labels: 3 },
})
const parameters = initialize(model, 5)
const task = fewShot({ features: { classes: 6, exemplars: 2, features: 3 }, classes: 4, labels: 3, evaluationSize: 4 })

/** Tensors whose numbers a case may change without changing those of others. */
function copies<T extends Readonly<Record<string, opsin.Tensor>>>(tensors: T): Record<string, opsin.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]),
  )
}
const inputs = () => copies({ ...task.tables, ...task.batch(0, 2) })

const interventions = (): Intervention[] => [
  ablate(at(model, 'blocks.1.attn.v', { head: 0 })),
  clamp(at(model, 'blocks.0.attn.pattern', { head: 0 }), previousToken(), {
    when: opsin.during(0, 64),
    phase: ['train', 'eval'],
  }),
  clamp(at(model, 'blocks.1.attn.pattern', { head: 1, query: 'last' }), induction({ strength: 0.5 }), {
    gradient: 'block',
  }),
  patch(at(model, 'blocks.1.attn.q'), activation({ pass: 'clean' }), { gradient: 'source' }),
  scale(at(model, 'blocks.0.attn.scores', { head: [0, 1] }), 0.5, { order: 1 }),
  clamp(at(model, 'blocks.0.attn.z', { head: 1, pos: 0 }), tensor([2], new Float32Array([1, 2])), { optional: true }),
]

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
  probes: [lossProbe(), inductionStrength({ layer: 1 })],
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
const reading = () => ({
  points: {
    logits: tensor([2, 1, 3], new Float32Array([1, 2, 3, 3, 2, 1])),
    'blocks.0.attn.pattern': tensor([2, 1, 5, 5], new Float32Array(50).fill(0.2)),
  },
  batch: {
    labels: tensor([2, 2], new Int32Array([0, 2, 1, 2])),
    targets: tensor([2], new Int32Array([0, 2])),
  },
})

const models: Call[] = [
  {
    name: 'attentionOnly',
    args: () => [
      {
        layers: 1,
        heads: 2,
        dModel: 4,
        dHead: 2,
        mlpRatio: 2,
        positions: 'learned',
        rotaryBase: 100,
        maxLength: 8,
        norm: 'rmsnorm',
        eps: 1e-5,
        causal: true,
        inputs: { kind: 'exemplars', features: 3, labels: 3 },
        readout: 'all',
      },
    ],
    run: attentionOnly,
    share: 3,
  },
  { name: 'model.sizes', args: () => [inputs()], run: model.sizes },
  { name: 'model.graph', args: () => [{ batch: 2, pairs: 2, rows: 12 }], run: model.graph, free: /./ },
  { name: 'model.positions', args: () => [{ batch: 2, pairs: 2, rows: 12 }], run: model.positions, free: /./ },
  { name: 'initialize', args: () => [model, 5, 'f32'], run: initialize },
  { name: 'tensor', args: () => [[2, 1], new Float32Array(2), ['pos', 'head']], run: tensor, carries: true },
  {
    name: 'runWithCache',
    args: () => [
      model,
      copies(parameters),
      inputs(),
      { cache: ['logits', 'grad(blocks.0.attn.z)'], interventions: interventions(), engine: 'reference' },
    ],
    run: opsin.runWithCache,
    share: 4,
  },
]

const sites: Call[] = [
  {
    name: 'at',
    args: () => [model, 'blocks.1.attn.pattern', { head: [0], query: 'last', key: { from: 0, to: 2 } }],
    run: at,
    share: 2,
  },
  { name: 'except', args: () => [0, 1], run: opsin.except },
  { name: 'range', args: () => [0, 2], run: opsin.range },
  { name: 'during', args: () => [0, 64], run: opsin.during },
  { name: 'duringSteps', args: () => [0, 2], run: opsin.duringSteps },
]

const options = () => ({ when: opsin.during(0, 64), phase: ['eval'], order: 1, optional: true })
const site = () => at(model, 'blocks.1.attn.scores', { head: 0 })

const makers: Call[] = [
  { name: 'ablate', args: () => [site(), options()], run: ablate },
  { name: 'clamp', args: () => [site(), 0.5, { ...options(), gradient: 'pass' }], run: clamp },
  { name: 'clamp of a tensor', args: () => [site(), { shape: [2], data: new Float32Array(2) }], run: clamp },
  { name: 'scale', args: () => [site(), 0.5, options()], run: scale },
  {
    name: 'patch',
    args: () => [site(), activation({ pass: 'clean' }), { ...options(), gradient: 'block' }],
    run: patch,
  },
  { name: 'forbid', args: () => [site(), { ...options(), edges: 'previous-token' }], run: opsin.forbid },
  { name: 'activation', args: () => [{ of: site(), pass: 'clean', shift: 1 }], run: activation },
  { name: 'copyFrom', args: () => [site()], run: copyFrom },
  { name: 'previousToken', args: () => [{ strength: 0.5 }], run: previousToken },
  { name: 'induction', args: () => [{ strength: 0.5 }], run: induction },
  { name: 'match', args: () => [{ temperature: 0.5 }], run: match },
  { name: 'hashInterventions', args: () => [interventions()], run: opsin.hashInterventions },
  {
    name: 'fromIclDynamics',
    args: () => [
      model,
      {
        ablate_heads: ['1:0'],
        ablate_embedding: false,
        induction_heads: ['1:1'],
        induction_head_strength: 0.5,
        match_heads: [],
        match_head_temperature: 0,
        prev_token_heads: ['0:0'],
        prev_token_head_strength: 1,
        prev_token_only_label: true,
        disallow_prev_token_heads: ['0:1'],
        set_head_temperature: ['1:0:0.5'],
        final_layer_silence_non_label_attn: [0],
        preserve_patterns: true,
        specific_fn: 'standard',
      },
    ],
    run: opsin.fromIclDynamics,
    share: 2,
  },
]

const tasks: Call[] = [
  {
    name: 'fewShot',
    args: () => [
      {
        features: { classes: 6, exemplars: 3, features: 3, seed: 1 },
        classes: 4,
        testClasses: 2,
        exemplars: { train: 1, val: 1, test: 1 },
        labels: 3,
        pairs: 2,
        burstiness: 1,
        relabel: true,
        heldOutLabels: [[0, 1]],
        seeds: { data: 1, evaluation: 2, labels: 3 },
        evaluationSize: 4,
      },
    ],
    run: fewShot,
    share: 4,
  },
  {
    name: 'fewShot of a file',
    args: () => [
      {
        features: { name: 'x', tensor: { shape: [6, 2, 1], data: new Float32Array(12) }, shape: [6, 2, 1] },
        classes: 4,
      },
    ],
    run: fewShot,
    share: 2,
  },
  {
    name: 'builtInFeatures',
    args: () => [{ classes: 3, exemplars: 2, features: 3, seed: 0 }],
    run: opsin.builtInFeatures,
  },
  { name: 'task.batch', args: () => [0, 2], run: task.batch },
  { name: 'task.evaluator', args: () => ['train', 2], run: task.evaluator },
  { name: 'task.rowOf', args: () => [1, 1], run: task.rowOf },
  {
    name: 'sliceBatch',
    args: () => [{ targets: { shape: [4], data: new Int32Array(4) } }, 1, 3],
    run: opsin.sliceBatch,
    carries: true,
  },
]

const probes: Call[] = [
  { name: 'lossProbe', args: () => [{ every: 5 }], run: lossProbe },
  { name: 'accuracyProbe', args: () => [{ every: 5 }], run: opsin.accuracyProbe },
  { name: 'inContextAccuracyProbe', args: () => [{ every: 5 }], run: opsin.inContextAccuracyProbe },
  { name: 'inductionStrength', args: () => [{ layer: 1, every: 5 }], run: inductionStrength },
  ...[lossProbe(), opsin.accuracyProbe(), opsin.inContextAccuracyProbe(), inductionStrength({ layer: 0 })].map(
    ({ name, read }): Call => ({
      name: `probe.read of ${name}`,
      args: () => [reading()],
      run: read,
      carries: true,
      free: /./,
    }),
  ),
]

const runs: Call[] = [
  { name: 'train', args: () => [model, task, trainOptions()], run: trainAWhile, share: 5 },
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
  { name: 'adam', args: () => [{ lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8 }], run: adam },
  { name: 'sgd', args: () => [{ lr: 0.1, momentum: 0.9 }], run: opsin.sgd },
  { name: 'optimizerFrom', args: () => [{ kind: 'sgd', lr: 0.1, momentum: 0.9 }], run: opsin.optimizerFrom },
  {
    name: 'curve',
    args: () => [{ records: [{ step: 0, sequences: 0, set: 'train', values: { loss: 1 } }] }, 'loss', 'train'],
    run: opsin.curve,
    carries: true,
    free: /values/,
  },
  {
    name: 'encodeCheckpoint',
    args: () => [opsin.decodeCheckpoint(bytes.slice())],
    run: opsin.encodeCheckpoint,
    free: /identity|records/,
  },
  { name: 'decodeCheckpoint', args: () => [bytes.slice(), 'run'], run: opsin.decodeCheckpoint },
]

export const calls: readonly Call[] = [...models, ...sites, ...makers, ...tasks, ...probes, ...runs]
