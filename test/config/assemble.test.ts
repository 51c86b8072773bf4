import { describe, expect, test } from 'vitest'
import { assemble, parseJson, type RunConfig, runSchema } from '../../src/config/index.ts'
import { tensor } from '../../src/core/tensor.ts'
import { training } from '../../src/train/training.ts'

const model = { layers: 2, heads: 2, dModel: 8 }

function built(config: object, readFeatures = (path: string): never => expect.unreachable(path)) {
  return assemble(parseJson(runSchema, JSON.stringify({ model, sequences: 64, ...config }), 'run.json'), readFeatures)
}

describe('a configuration becomes a run', () => {
  test('whose model fits the task', () => {
    const { model, task } = built({ task: { classes: 20, labels: 7, features: { features: 16 } } })
    expect(model.config.inputs).toEqual({ kind: 'exemplars', features: 16, labels: 7 })
    expect(task.config.classes).toBe(20)
  })

  test('with features from the file that it names', () => {
    const paths: string[] = []
    const features = { name: 'mine', tensor: tensor([10, 1, 4], new Float32Array(40).fill(1)) }
    const config = parseJson(
      runSchema,
      JSON.stringify({ model, sequences: 64, task: { classes: 5, features: 'mine.npy' } }),
      '',
    )
    const { task } = assemble(config, (path) => {
      paths.push(path)
      return features
    })
    expect([paths, task.sizes.features]).toEqual([['mine.npy'], 4])
  })

  test('with interventions of both kinds, probes and an optimiser', () => {
    const ablate = { version: 1, kind: 'ablate', at: { point: 'blocks.0.attn.z' } }
    const { options } = built({
      interventions: [ablate],
      iclDynamics: { prev_token_heads: ['0:1'] },
      probes: [
        { kind: 'loss', every: 32 },
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

  test('with ten checkpoints unless it says', () => {
    expect(built({ sequences: 1001 }).options.checkpointEvery).toBe(101)
    expect(built({ checkpointEvery: 7 }).options.checkpointEvery).toBe(7)
  })

  const at = (point: string, select?: object) => ({
    interventions: [{ version: 1, kind: 'ablate', at: { point, select } }],
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
      const { model, task, options } = built(config as Partial<RunConfig>)
      for await (const _ of training(model, task, options));
    }
    await expect(run()).rejects.toThrow(expect.objectContaining({ code }))
  })
})
