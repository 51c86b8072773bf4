import * as opsin from 'opsin'
import { fewShot, inductionStrength, lossProbe, tensor } from 'opsin'
import type { Call } from './call.ts'
import { task } from './tiny.ts'

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
