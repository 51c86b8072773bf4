import { readdirSync, readFileSync } from 'node:fs'
import {
  ablate,
  accuracyProbe,
  at,
  attentionOnly,
  crossEntropyProbe,
  except,
  fewShot,
  type Intervention,
  inductionStrength,
  type Parameters,
  runWithCache,
} from 'opsin'
import { checkpointsOf, load } from 'opsin/models'
import { readTensorFile } from 'opsin/node'
import { describe, expect, test } from 'vitest'

const root = new URL('../../models/', import.meta.url).pathname
const names = readdirSync(root).filter((name) => !name.includes('.'))

test.each(names)('%s: the weights are those of its configuration', async (name) => {
  const { architecture, ...options } = JSON.parse(readFileSync(`${root}${name}/config.json`, 'utf8'))
  expect(architecture).toBe('attention-only')
  const model = attentionOnly(options)
  const { tensors } = readTensorFile(`${root}${name}/weights.safetensors`)
  expect(Object.keys(tensors).sort()).toEqual(model.parameters.map((parameter) => parameter.name).sort())
})

describe('induction-2l8h', () => {
  const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
  const task = fewShot({
    heldOutLabels: [
      [1, 3],
      [0, 2],
    ],
  })
  const parameters = readTensorFile(`${root}induction-2l8h/weights.safetensors`).tensors as Parameters
  const measure = async (evaluator: string, interventions: Intervention[] = []) => {
    const batch = task.evaluator(evaluator, 500)
    const { cache } = await runWithCache(
      model,
      parameters,
      { ...task.tables, ...batch },
      {
        cache: ['logits', 'blocks.1.attn.pattern'],
        interventions,
      },
    )
    return { points: cache, batch }
  }

  test('does in context what its card says, for classes and label pairs it has never seen', async () => {
    for (const [evaluator, accuracy] of [
      ['train', 0.99],
      ['test-class', 0.97],
      ['relabel', 0.97],
    ] as const) {
      expect(accuracyProbe().read(await measure(evaluator)), evaluator).toBeGreaterThan(accuracy)
    }
  })

  test('has several induction heads, of which the strongest does most alone', async () => {
    const strengths = inductionStrength({ layer: 1 }).read(await measure('train')) as number[]
    expect(strengths.filter((strength) => strength > 0.3).length).toBeGreaterThanOrEqual(4)
    expect(strengths.indexOf(Math.max(...strengths))).toBe(3)
    const alone = await measure('train', [ablate(at(model, 'blocks.1.attn.v', { head: except(3) }))])
    const none = await measure('train', [ablate(at(model, 'blocks.1.attn.v'))])
    expect(accuracyProbe().read(alone)).toBeGreaterThan(0.6)
    expect(accuracyProbe().read(none)).toBeLessThan(0.4)
  })
})

describe('checkpoints of induction-2l8h', () => {
  const { points } = JSON.parse(readFileSync(`${root}induction-2l8h/curve.json`, 'utf8'))
  const moments = checkpointsOf('induction-2l8h')

  test.each(moments)('at %i sequences it has the loss of the curve', async (sequences) => {
    const { model, parameters, task } = await load('induction-2l8h', { sequences })
    const batch = task.evaluator('train')
    const { cache } = await runWithCache(model, parameters, { ...task.tables, ...batch }, { cache: ['logits'] })
    const { loss } = points.find((point: { step: number }) => point.step === Math.ceil(sequences / 32))
    expect(crossEntropyProbe().read({ points: cache, batch })).toBeCloseTo(loss, 6)
  })

  test('a wrong moment gives the nearest', async () => {
    expect(moments).toHaveLength(12)
    await expect(load('induction-2l8h', { sequences: 210_001 })).rejects.toThrow('The nearest is 220000')
  })
})
