import { describe, expect, test } from 'vitest'
import { aRun, assemble, parseJson, type RunConfig, type Surroundings } from '../../src/config/index.ts'
import { tensor } from '../../src/core/tensor.ts'
import type { Task } from '../../src/tasks/define.ts'
import { train, training } from '../../src/train/training.ts'

const model = { layers: 2, heads: 2, dModel: 8 }

const noFiles: Surroundings = {
  readFeatures: (path) => expect.unreachable(path),
  loadTask: (path) => expect.unreachable(path),
  make: ({ module }) => expect.unreachable(module),
  exportsOf: (path) => expect.unreachable(path),
}

function built(config: object, around: Partial<Surroundings> = {}) {
  const parsed = parseJson(aRun, JSON.stringify({ model, sequences: 64, ...config }), 'run.json')
  return assemble(parsed, { ...noFiles, ...around })
}

describe('a configuration becomes a run', () => {
  test('whose model fits the task', async () => {
    const { model, task } = await built({ task: { classes: 20, labels: 7, features: { features: 16 } } })
    expect(model.config.inputs).toEqual({ kind: 'exemplars', features: 16, labels: 7 })
    expect(task.config.classes).toBe(20)
  })

  test('with features from the file that it names', async () => {
    const paths: string[] = []
    const features = { name: 'mine', tensor: tensor([10, 1, 4], new Float32Array(40).fill(1)) }
    const readFeatures = (path: string) => {
      paths.push(path)
      return features
    }
    const { task } = await built({ task: { classes: 5, features: 'mine.npy' } }, { readFeatures })
    expect([paths, task.sizes.features]).toEqual([['mine.npy'], 4])
  })

  test('of another task that it names, its model fitting', async () => {
    const named = { name: 'repeated-tokens', vocab: 8, segment: 4, bos: true, seeds: { data: 3 } }
    const { model: made, task, options } = await built({ model: { ...model, readout: 'all' }, task: named })
    expect(made.config.inputs).toEqual({ kind: 'tokens', vocab: 9 })
    expect(task).toMatchObject({ name: 'repeated-tokens', config: { segment: 4, seeds: { data: 3, evaluation: 1 } } })
    expect((await train(made, task, options)).steps).toBe(2)
  })

  test('with interventions of both kinds, probes and an optimiser', async () => {
    const ablate = { version: 2, kind: 'ablate', at: { point: 'blocks.0.attn.z' } }
    const { options } = await built({
      interventions: [ablate],
      iclDynamics: { prev_token_heads: ['0:1'] },
      probes: [
        { kind: 'cross-entropy', every: 32 },
        { kind: 'induction-strength', layer: 1 },
      ],
      optimizer: { kind: 'sgd', lr: 0.1, momentum: 0.5 },
    })
    expect(options.interventions?.map(({ kind }) => kind)).toEqual(['ablate', 'clamp'])
    expect(options.probes?.map(({ name, every }) => [name, every])).toEqual([
      ['loss', 32],
      ['induction-strength.1', undefined],
    ])
    expect(options.optimizer?.config).toEqual({ kind: 'sgd', lr: 0.1, momentum: 0.5 })
  })

  test('with ten checkpoints unless it says', async () => {
    expect((await built({ sequences: 1001 })).options.checkpointEvery).toBe(101)
    expect((await built({ checkpointEvery: 7 })).options.checkpointEvery).toBe(7)
  })
})

describe('a configuration with a module becomes a run', () => {
  const tokens: Task = {
    name: 'zeros',
    config: {},
    sizes: { vocab: 3 },
    tables: {},
    batch: (_, size) => ({
      tokens: tensor([size, 4], new Int32Array(size * 4)),
      targets: tensor([size], new Int32Array(size)),
    }),
    evaluators: ['train'],
    evaluator: (_, count = 8) => tokens.batch(0, count),
  }
  const loading = (task: Partial<Task> = {}) => ({ loadTask: async () => ({ ...tokens, ...task }) })

  test('with a task from the module that it names, called with its options', async () => {
    const calls: unknown[] = []
    const loadTask = async (...call: unknown[]) => {
      calls.push(call)
      return tokens
    }
    const { model, task, options } = await built(
      { task: { module: 'zeros.mjs', options: { length: 4 } } },
      { loadTask },
    )
    await built({ task: { module: 'zeros.mjs' } }, { loadTask })
    expect(calls).toEqual([
      ['zeros.mjs', { length: 4 }, undefined],
      ['zeros.mjs', {}, undefined],
    ])
    expect(model.config.inputs).toEqual({ kind: 'tokens', vocab: 3 })
    expect((await train(model, task, options)).steps).toBe(2)
  })

  test('whose inputs and read-out are those it says, or the task', async () => {
    const inputs = { kind: 'tokens', vocab: 7 }
    const task = { module: 'zeros.mjs' }
    const given = await built({ model: { ...model, inputs, readout: 'all' }, task }, loading())
    expect(given.model.config).toMatchObject({ inputs, readout: 'all' })
    const told = await built({ task }, loading({ sizes: { features: 4, labels: 2, rows: 9 } }))
    expect(told.model.config.inputs).toEqual({ kind: 'exemplars', features: 4, labels: 2 })
    for (const sizes of [{}, { labels: 2 }, { vocab: 3, features: 4, labels: 2 }] as Record<string, number>[]) {
      await expect(built({ task }, loading({ sizes }))).rejects.toThrow(
        /model: inputs: .*"zeros".*\{ vocab \}.*\[VALUE\]/,
      )
    }
  })
})

describe('a configuration becomes no run', () => {
  const at = (point: string, select?: object) => ({
    interventions: [{ version: 2, kind: 'ablate', at: { point, select } }],
  })

  test.each([
    ['a head that does not exist', at('blocks.0.attn.v', { head: 9 }), 'VALUE'],
    ['a point that does not exist', at('blocks.0.attn.vv'), 'NAME'],
    ['an axis that the point has not', at('blocks.0.resid_post', { head: 0 }), 'NAME'],
    ['an intervention of no kind', { interventions: [{}] }, 'FORMAT'],
    [
      'a field that no intervention has',
      { interventions: [{ ...at('blocks.0.attn.v').interventions[0], wen: {} }] },
      'NAME',
    ],
    ['an option that the authors do not have', { iclDynamics: { prev_token_head: ['0:1'] } }, 'NAME'],
    [
      'two clamps of the same elements',
      { interventions: [...at('blocks.0.attn.v').interventions, ...at('blocks.0.attn.v').interventions] },
      'CONFLICT',
    ],
    ['an evaluator that does not exist', { evaluations: [{ evaluator: 'tran' }] }, 'NAME'],
    ['more heads than the model is wide', { model: { ...model, heads: 3 } }, 'VALUE'],
    ['more classes than there are', { task: { classes: 300 } }, 'VALUE'],
    ['labels out of range', { task: { heldOutLabels: [[1, 9]] } }, 'VALUE'],
    ['a rate that is not positive', { optimizer: { kind: 'adam', lr: 0 } }, 'VALUE'],
  ])('not with %s', async (_, config, code) => {
    const run = async () => {
      const { model, task, options } = await built(config as Partial<RunConfig>)
      for await (const _ of training(model, task, options));
    }
    await expect(run()).rejects.toThrow(expect.objectContaining({ code }))
  })
})
