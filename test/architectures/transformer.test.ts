import {
  adam,
  attention,
  concatResidual,
  crossEntropy,
  geluMlp,
  gpt2,
  identityReadout,
  inContextRegression,
  initialize,
  initializers,
  layerNorm,
  learnedPositions,
  linearReadout,
  linearSchedule,
  llama,
  type Model,
  neox,
  noResidual,
  oneHotInputs,
  oneHotPositions,
  preNorm,
  repeated,
  repeatedTokens,
  rotary,
  runWithCache,
  shiftMix,
  tiedReadout,
  tokenInputs,
  train,
  transformer,
  vectorInputs,
  weightedSum,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { withObjective } from '../../src/objectives/with-objective.ts'

const tokens = tokenInputs({ vocab: 5 })
const shared = { dModel: 8, inputs: tokens, readout: linearReadout() }

const models: Readonly<Record<string, Model>> = {
  gpt2: gpt2({ layers: 2, heads: 2, dModel: 8, vocab: 5, maxLength: 8 }),
  neox: neox({ layers: 2, heads: 2, dModel: 8, vocab: 5, rotaryShare: 0.5 }),
  llama: llama({ layers: 2, heads: 4, kvHeads: 2, dModel: 16, dMlp: 12, vocab: 5 }),
  'blocks that differ': transformer({
    ...shared,
    positions: learnedPositions({ maxLength: 8 }),
    blocks: [
      { mixer: attention({ heads: 2, dHead: 3, dValue: 5 }), residual: concatResidual() },
      { mlp: geluMlp({ width: 6 }), norm: layerNorm({ bias: false }), residual: noResidual() },
      { mixer: attention({ heads: 4, kvHeads: 2, normalize: 'none', with: [shiftMix(), rotary()] }) },
    ],
    norm: layerNorm(),
  }),
  'no block at all': transformer({ ...shared, blocks: [], readout: tiedReadout() }),
  'one-hot': transformer({
    inputs: oneHotInputs({ vocab: 5 }),
    positions: oneHotPositions({ maxLength: 8 }),
    blocks: [{ mixer: attention({ heads: 2, dHead: 4, v: 'identity', out: 'identity' }), residual: concatResidual() }],
    readout: identityReadout({ at: 'last', features: [0, 1, 2, 3, 4] }),
  }),
}

describe.each(Object.entries(models))('%s', (_, model) => {
  it('has hook points that are those of its graph, with their axes, sizes and order', () => {
    const sizes = { batch: 2, length: 4 }
    const graph = withObjective(model).graph(sizes)
    expect(Object.keys(graph.points).sort()).toEqual([...model.hookPoints.keys()].sort())
    for (const [name, { axes, sizes: fixed }] of model.hookPoints) {
      const { shape } = graph.nodes[graph.points[name]]
      expect(shape, name).toHaveLength(axes.length)
      axes.forEach((axis, i) => {
        if (fixed?.[axis] !== undefined) expect(shape[i], `${name} ${axis}`).toBe(fixed[axis])
      })
    }
    const ids = [...model.hookPoints.keys()].map((name) => graph.points[name])
    expect(new Set(ids).size, 'each point is a node of its own').toBe(ids.length)
  })

  it('has a config that is JSON', () => {
    expect(JSON.parse(JSON.stringify(model.config))).toEqual(model.config)
  })
})

describe('training', () => {
  it('a GPT-2 learns repeated tokens', async () => {
    const task = repeatedTokens({ vocab: 5, segment: 3 })
    const model = gpt2({ layers: 2, heads: 2, dModel: 16, vocab: task.sizes.vocab, maxLength: 8 })
    const { records } = await train(model, task, { sequences: 640 })
    expect(records.length).toBeGreaterThan(0)
  })

  it('linear attention learns regression by squared error, which the task chooses', async () => {
    const task = inContextRegression({ dimensions: 2, pairs: 4 })
    const model = transformer({
      inputs: vectorInputs({ width: task.sizes.width, readIn: false }),
      blocks: [{ mixer: attention({ heads: 2, dHead: 3, normalize: 'none', scale: 1 }) }],
      readout: identityReadout({ at: 'last', features: [2] }),
    })
    const { records, checkpoint } = await train(model, task, {
      sequences: 6400,
      batch: 64,
      optimizer: adam({ lr: 1e-2 }),
      evaluateAt: [0, 6400],
    })
    expect(checkpoint.identity.task).toMatchObject({ objective: { kind: 'squared-error' } })
    const [first, last] = [records[0], records[records.length - 1]].map(({ values }) => Number(values.loss))
    expect(last).toBeLessThan(first)
  })
})

describe('weights of losses', () => {
  it('may be a schedule, which outside of training is at its first step', async () => {
    const model = transformer({
      dModel: 8,
      inputs: tokens,
      blocks: [],
      readouts: { a: linearReadout(), b: linearReadout() },
    })
    const objective = weightedSum({
      a: { objective: crossEntropy() },
      b: { objective: crossEntropy(), weight: linearSchedule({ from: 0.25, to: 1, steps: 10 }) },
    })
    const inputs = {
      tokens: tensorOf([1, 3], [0, 1, 2]),
      'targets/a': tensorOf([1, 3], [1, 2, 0]),
      'targets/b': tensorOf([1, 3], [1, 2, 0]),
    }
    const { cache } = await runWithCache(model, initialize(model, 5), inputs, {
      objective,
      cache: ['loss', 'readouts.a.loss', 'readouts.b.loss'],
      engine: 'reference',
    })
    const [loss, a, b] = ['loss', 'readouts.a.loss', 'readouts.b.loss'].map((name) => cache[name as 'loss'].data[0])
    expect(loss).toBeCloseTo(a + b * 0.25, 6)
  })
})

describe('initialisers', () => {
  it('are those of the first rule whose glob fits, else those of the part', () => {
    const rules = [
      { match: 'blocks.0.attn.q.*', initializer: initializers.zeros },
      { match: ['*.attn.*', 'embed.*'], initializer: initializers.normal({ deviation: 3 }) },
    ]
    const model = transformer({
      ...shared,
      blocks: repeated(1, { mixer: attention({ heads: 2 }) }),
      initializers: rules,
    })
    const kinds = Object.fromEntries(model.parameters.map(({ name, initializer }) => [name, initializer.kind]))
    expect(kinds).toMatchObject({
      'blocks.0.attn.q.weight': 'zeros',
      'blocks.0.attn.k.weight': 'normal',
      'embed.token.weight': 'normal',
      'unembed.weight': 'truncated-normal',
    })
    expect(initialize(model, 1)['blocks.0.attn.q.weight'].data.every((value) => value === 0)).toBe(true)
    expect(model.config.initializers).toEqual(rules)
  })

  it('of mixes of keys and values sum to one', () => {
    const model = transformer({
      ...shared,
      blocks: [{ mixer: attention({ heads: 2, with: [shiftMix({ window: 3 })] }) }],
    })
    const { data } = initialize(model, 3)['blocks.0.attn.shift_k.weight']
    expect(data[0] + data[1] + data[2]).toBeCloseTo(1, 6)
  })
})

describe('what does not fit', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['an option that is none', () => transformer({ ...shared, blocks: [], layers: 2 } as never), /layers.*\[NAME\]/],
    [
      'a part of another family',
      () => transformer({ ...shared, blocks: [{ mixer: geluMlp() as never }] }),
      /mixer.*\[VALUE\]/,
    ],
    [
      'a field of no block',
      () => transformer({ ...shared, blocks: [{ mlps: geluMlp() } as never] }),
      /blocks\[0\].*\[NAME\]/,
    ],
    [
      'a width that a residual cannot add',
      () => transformer({ ...shared, blocks: [{ mixer: attention({ heads: 2, out: 'identity', dHead: 3 }) }] }),
      /residual "add".*width 8.*width 6.*\[SHAPE\]/,
    ],
    ['no width', () => transformer({ inputs: tokens, blocks: [] }), /dModel.*\[VALUE\]/],
    [
      'heads that do not divide',
      () => transformer({ ...shared, blocks: [{ mixer: attention({ heads: 3 }) }] }),
      /dHead.*\[VALUE\]/,
    ],
    [
      'groups of unequal heads',
      () => transformer({ ...shared, blocks: [{ mixer: attention({ heads: 4, kvHeads: 3 }) }] }),
      /heads \/ kvHeads.*\[VALUE\]/,
    ],
    [
      'a tied read-out of vectors',
      () => transformer({ inputs: vectorInputs({ width: 3, readIn: false }), blocks: [], readout: tiedReadout() }),
      /tiedReadout.*\[VALUE\]/,
    ],
    [
      'a glob of no parameter',
      () => transformer({ ...shared, blocks: [], initializers: [{ match: 'attn', initializer: initializers.zeros }] }),
      /initializers\[0\].*\[NAME\]/,
    ],
    ['MLPs of attentionOnly', () => preNorm({ layers: 1, heads: 1, dModel: 4, mlpRatio: 0 }), /mlpRatio/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  it('an objective for one read-out on a model of several', () => {
    const model = transformer({
      dModel: 8,
      inputs: tokens,
      blocks: [],
      readouts: { a: linearReadout(), b: linearReadout() },
    })
    expect(() => withObjective(model).graph({ batch: 1, length: 2 })).toThrow(/one read-out.*a, b.*weightedSum/)
  })
})

function tensorOf(shape: number[], values: number[]) {
  return { shape, data: Int32Array.from(values) } as never
}
