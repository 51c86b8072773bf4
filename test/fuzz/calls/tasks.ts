import * as opsin from 'opsin'
import { crossEntropyProbe, fewShot, inductionStrength, tensor } from 'opsin'
import type { Call } from './call.ts'
import { task } from './tiny.ts'

const repeated = opsin.repeatedTokens({ vocab: 4, segment: 2, evaluationSize: 2 })
const other = opsin.repeatedTokens({ vocab: 4, segment: 2, tokens: 'zipf' })
const mixed = opsin.mix({ a: { task: repeated, share: 0.5 }, b: { task: other, share: 0.5 } })
const some = opsin.pool(repeated, { size: 3 })
/** Draws for the sampler of `categorical`. */
const draw = { uniform: () => 0.5 } as opsin.Draws

export const tasks: Call[] = [
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
  {
    name: 'sequenceTask',
    args: () => [
      {
        name: 'x',
        config: { version: 1 },
        sizes: { vocab: 3 },
        arrays: { tokens: opsin.ints(2, { from: 0, below: 3 }), vectors: opsin.floats([1, 2]) },
        sample: () => ({ tokens: [1, 2], vectors: [0.5, 1] }),
        evaluators: { longer: { arrays: { tokens: opsin.ints(2) } } },
        tables: { features: { shape: [1], data: new Float32Array(1) } },
        seeds: { data: 1, evaluation: 2 },
        evaluationSize: 2,
      },
    ],
    run: (options: opsin.SequenceTaskOptions) => opsin.sequenceTask(options).batch(0, 2),
    // Config and the names of sizes are the user's own.
    free: /"config"|"sizes"/,
    share: 2,
  },
  {
    name: 'sequenceTask of what a sample gives',
    args: () => [{ tokens: [1, 2], vectors: new Float32Array([0.5, 1]) }],
    run: (given: { tokens: number[]; vectors: number[] }) =>
      opsin
        .sequenceTask({
          name: 'x',
          sizes: {},
          arrays: { tokens: opsin.ints(2), vectors: opsin.floats(2) },
          sample: () => given,
        })
        .batch(0, 2),
    share: 2,
  },
  { name: 'ints', args: () => [[2, 3], { from: -1, below: 5 }], run: opsin.ints },
  { name: 'floats', args: () => [[2, 3]], run: opsin.floats },
  { name: 'categorical', args: () => [[1, 2, 0.5]], run: (weights: number[]) => opsin.categorical(weights)(draw) },
  {
    name: 'mix',
    args: () => [{ a: { task: repeated, share: 0.5 }, b: { task: other, share: 0.5 } }, { seed: 1 }],
    run: (...args: Parameters<typeof opsin.mix>) => opsin.mix(...args).batch(0, 2),
  },
  { name: 'mix.composition', args: () => [1, 4], run: mixed.composition },
  { name: 'mix.partOf', args: () => [1, 4], run: mixed.partOf },
  { name: 'mix.evaluator', args: () => ['a/train', 2], run: mixed.evaluator },
  {
    name: 'pool',
    args: () => [repeated, { size: 2, step: 5, seed: 1 }],
    run: (...args: Parameters<typeof opsin.pool>) => opsin.pool(...args).batch(0, 2),
  },
  { name: 'pool.numbers', args: () => [1, 4], run: some.numbers },
  { name: 'pool.evaluator', args: () => ['pool', 2], run: some.evaluator },
  {
    name: 'curriculum',
    args: () => [[{ until: 2, task: repeated, name: 'first' }, { task: other }]],
    run: (stages: readonly opsin.Stage[]) => opsin.curriculum(stages).batch(0, 2),
  },
  {
    name: 'repeatedTokens',
    args: () => [
      {
        vocab: 4,
        segment: [1, 2],
        copies: 2,
        length: 8,
        tokens: [1, 2, 3, 4],
        distinct: false,
        score: 'copies',
        bos: true,
        separator: false,
        evaluators: { ood: { tokens: { exponent: 1, shift: 0 }, segment: 2 } },
        seeds: { data: 1, evaluation: 2 },
        evaluationSize: 2,
      },
    ],
    run: (options: opsin.RepeatedTokensOptions) => opsin.repeatedTokens(options).batch(0, 2),
    share: 2,
  },
  {
    name: 'inContextRegression',
    args: () => [
      {
        dimensions: 2,
        pairs: 3,
        tokens: 'classic',
        score: 'all',
        inputs: 'normal',
        range: 2,
        weightScale: 0.5,
        noise: 0.1,
        distractors: 1,
        evaluators: { far: { range: 3 } },
        seeds: { data: 1, evaluation: 2 },
        evaluationSize: 2,
      },
    ],
    run: (options: opsin.InContextRegressionOptions) => opsin.inContextRegression(options).batch(0, 2),
    share: 2,
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

export const probes: Call[] = [
  { name: 'crossEntropyProbe', args: () => [{ every: 5 }], run: crossEntropyProbe },
  { name: 'objectiveProbe', args: () => [{ every: 5 }], run: opsin.objectiveProbe },
  { name: 'accuracyProbe', args: () => [{ every: 5 }], run: opsin.accuracyProbe },
  { name: 'inContextAccuracyProbe', args: () => [{ every: 5 }], run: opsin.inContextAccuracyProbe },
  { name: 'inductionStrength', args: () => [{ layer: 1, every: 5 }], run: inductionStrength },
  ...[crossEntropyProbe(), opsin.accuracyProbe(), opsin.inContextAccuracyProbe(), inductionStrength({ layer: 0 })].map(
    ({ name, read }): Call => ({
      name: `probe.read of ${name}`,
      args: () => [reading()],
      run: read,
      carries: true,
      free: /./,
    }),
  ),
]
