import { describe, expect, test } from 'vitest'
import { aRecording, parseJson } from '../../src/config/index.ts'
import { optimizerFrom } from '../../src/optimizers/index.ts'

const recording = {
  version: 1,
  name: 'mine',
  model: {
    ...{ layers: 2, heads: 2, dModel: 8, dHead: 4, mlpRatio: null, positions: 'rotary', rotaryBase: 10_000 },
    ...{ norm: 'layernorm', eps: 1e-5, causal: true, features: 16, labels: 5 },
  },
  optimizer: { kind: 'adam', lr: 1e-5, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
  ...{ batch: 32, pairs: 2, features: 'features.npy', exemplar: 0, init: 'init', batches: 'batches', opto: {} },
  steps: { f32: 10, f64: 10 },
}

const read = (optimizer: unknown) => parseJson(aRecording, JSON.stringify({ ...recording, optimizer }), 'r.json')

describe('a recording may have', () => {
  test.each([
    [recording.optimizer],
    [{ kind: 'sgd', lr: 0.1, momentum: 0 }],
    [{ kind: 'sgd', lr: 0.1, momentum: 0.9 }],
    [{ kind: 'sgd', lr: 0.1 }],
    [{ kind: 'adam-w', lr: { kind: 'warm-up', steps: 2, before: { kind: 'cosine', from: 1, steps: 5 } }, clip: 1 }],
    [
      {
        kind: 'groups',
        groups: [
          { match: 'embed.*', frozen: true },
          { match: '*', optimizer: { kind: 'sgd', lr: 0.1 }, turns: { every: 2, to: 1 } },
        ],
        clip: 1,
      },
    ],
  ])('the optimiser %j', (optimizer) => {
    expect(read(optimizer).optimizer).toEqual(optimizer)
    expect(optimizerFrom(read(optimizer).optimizer).config).toMatchObject(optimizer)
  })
})

test.each([
  ['of no kind', { lr: 0.1 }, 'NAME', /^r\.json: optimizer\.kind: /],
  ['of another kind', { kind: 'lion', lr: 0.1 }, 'NAME', /^r\.json: optimizer\.kind: .*"lion".*Nearest: /],
  ["with another's field", { kind: 'sgd', lr: 0.1, beta1: 0.9 }, 'NAME', /^r\.json: optimizer: .*"beta1"/],
  [
    'with a schedule that is none',
    { kind: 'adam', lr: { kind: 'cosin' } },
    'NAME',
    /optimizer\.lr\.kind: .*Nearest: cos/,
  ],
  ['of groups without one', { kind: 'groups', groups: [] }, 'VALUE', /^r\.json: optimizer: groups: .*at least one/],
  [
    'of a group of no kind',
    { kind: 'groups', groups: [{ match: '*', optimizer: {} }] },
    'NAME',
    /groups\[0\]\.optimizer\.kind: /,
  ],
  ['out of its range', { kind: 'sgd', lr: 0.1, momentum: 1 }, 'VALUE', /^r\.json: optimizer\.momentum: /],
])('but none %s', (_, optimizer, code, message) => {
  expect(() => read(optimizer)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
})
