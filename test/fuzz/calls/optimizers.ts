import * as opsin from 'opsin'
import { adam, cosineSchedule, sgd, warmUpSchedule } from 'opsin'
import type { Call } from './call.ts'

const schedule = () => warmUpSchedule({ steps: 2, before: cosineSchedule({ from: 1e-3, to: 1e-4, steps: 5 }) })
const { given, normal, truncatedNormal, uniform, varianceScaling, torchLinear, orthogonal, identity } =
  opsin.initializers

export const optimizers: Call[] = [
  { name: 'adam', args: () => [{ lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, clip: 1 }], run: adam },
  { name: 'adam on a schedule', args: () => [{ lr: schedule() }], run: adam },
  { name: 'adamW', args: () => [{ lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 }], run: opsin.adamW },
  { name: 'sgd', args: () => [{ lr: 0.1, momentum: 0.9, weightDecay: 0.1, clip: 1 }], run: sgd },
  {
    name: 'groups',
    args: () => [
      [
        { match: 'embed.*', frozen: true },
        { match: ['blocks.0.*', 'unembed.*'], optimizer: adam({ lr: 1 }), turns: { every: 3, from: 1, to: 3 } },
        { match: '*', optimizer: sgd({ lr: 1 }) },
      ],
      { clip: 1 },
    ],
    run: opsin.groups,
    share: 2,
  },
  { name: 'optimizerFrom', args: () => [{ kind: 'sgd', lr: 0.1, momentum: 0.9 }], run: opsin.optimizerFrom },
  {
    name: 'optimizerFrom of groups',
    args: () => [
      {
        kind: 'groups',
        groups: [
          { match: 'embed.*', frozen: true },
          { match: ['*'], optimizer: { kind: 'adam', lr: schedule() }, turns: { from: 2 } },
        ],
        clip: 1,
      },
    ],
    run: opsin.optimizerFrom,
    share: 2,
  },
  { name: 'constantSchedule', args: () => [{ value: 1e-3 }], run: opsin.constantSchedule },
  { name: 'linearSchedule', args: () => [{ from: 1e-3, to: 1e-4, steps: 5 }], run: opsin.linearSchedule },
  { name: 'cosineSchedule', args: () => [{ from: 1e-3, to: 1e-4, steps: 5 }], run: cosineSchedule },
  { name: 'stepSchedule', args: () => [{ from: 1e-3, factor: 0.1, at: [2, 4] }], run: opsin.stepSchedule },
  {
    name: 'warmUpSchedule',
    args: () => [{ steps: 2, from: 0.1, before: cosineSchedule({ from: 1e-3, to: 1e-4, steps: 5 }) }],
    run: warmUpSchedule,
  },
  { name: 'initializers.normal', args: () => [{ deviation: 1, mean: 1 }], run: normal },
  { name: 'initializers.truncatedNormal', args: () => [{ deviation: 1 }], run: truncatedNormal },
  { name: 'initializers.uniform', args: () => [{ from: 0, to: 1 }], run: uniform },
  {
    name: 'initializers.varianceScaling',
    args: () => [{ scale: 2, mode: 'fan_avg', distribution: 'uniform' }],
    run: varianceScaling,
  },
  { name: 'initializers.torchLinear', args: () => [{ fanIn: 3 }], run: torchLinear },
  { name: 'initializers.orthogonal', args: () => [{ gain: 2 }], run: orthogonal },
  { name: 'initializers.identity', args: () => [{ gain: 2 }], run: identity },
  { name: 'initializers.given', args: () => [opsin.tensor([2], Float32Array.of(1, 2))], run: given },
]
