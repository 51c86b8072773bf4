import { attentionOnly, encodeCheckpoint, fewShot, OpsinError, type ProfileSample, passNames, train } from 'opsin'
import { expect, test } from 'vitest'

const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
const task = fewShot({ classes: 20 })
const short = { sequences: 96, evaluateAt: 96 } as const

test('each step is told once, with the live values of what is observed', async () => {
  const steps: { step: number; loss: number; kept: ArrayLike<number>; live: ArrayLike<number> }[] = []
  await train(model, task, {
    ...short,
    observe: ['loss', 'blocks.1.attn.pattern', 'grad(blocks.0.attn.z)'],
    onStep({ step, loss, values }) {
      const pattern = values['blocks.1.attn.pattern']
      expect(pattern.shape).toEqual([32, 2, 5, 5])
      expect(pattern.axes).toEqual(['batch', 'head', 'query', 'key'])
      expect(values['grad(blocks.0.attn.z)'].shape).toEqual([32, 5, 2, 4])
      expect(values.loss.data[0]).toBe(loss)
      steps.push({ step, loss, kept: pattern.data.slice(), live: pattern.data })
    },
  })
  expect(steps.map(({ step }) => step)).toEqual([0, 1, 2])
  expect(steps[0].live).toBe(steps[2].live)
  expect(steps[0].kept).not.toEqual(steps[2].kept)
})

test('observing changes no result', async () => {
  const alone = await train(model, task, short)
  const observed = await train(model, task, {
    ...short,
    observe: ['blocks.0.attn.scores', 'blocks.1.attn.q', 'blocks.1.resid_post'],
    onStep() {},
  })
  expect(encodeCheckpoint(observed.checkpoint)).toEqual(encodeCheckpoint(alone.checkpoint))
})

test('a point or a pass that there is not is refused with the nearest', async () => {
  await expect(train(model, task, { ...short, observe: ['blocks.0.attn.patern'] })).rejects.toThrow(
    /blocks\.0\.attn\.pattern/,
  )
  const without = ['last-row'] as unknown as ['last-rows']
  await expect(train(model, task, { ...short, without })).rejects.toThrow(/last-rows/)
})

test('without a pass the run is another one, with the same losses', async () => {
  const loss = async (without: typeof passNames) => {
    const { records, checkpoint } = await train(model, task, { ...short, without })
    return { last: Number(records.at(-1)?.values.loss), checkpoint }
  }
  const all = await loss([])
  const none = await loss(passNames)
  expect(Math.abs(all.last - none.last)).toBeLessThan(1e-5)
  await expect(train(model, task, { ...short, sequences: 128, resume: none.checkpoint })).rejects.toThrow(OpsinError)
})

test('profiling names every kernel with its shapes and changes nothing', async () => {
  const samples: ProfileSample[] = []
  const profiled = await train(model, task, { ...short, profile: (sample) => samples.push(sample) })
  const adam = samples.filter(({ op }) => op === 'adam')
  expect(adam.length).toBe(3)
  // Parameters and both moments.
  const size = model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0)
  expect(adam[0].shape).toEqual([3 * size])
  expect(samples.every(({ ms }) => ms >= 0)).toBe(true)
  const alone = await train(model, task, short)
  expect(encodeCheckpoint(profiled.checkpoint)).toEqual(encodeCheckpoint(alone.checkpoint))
})
