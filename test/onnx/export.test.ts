import { attentionOnly, fewShot, initialize, runWithCache } from 'opsin'
import { load as loadModel } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { expect, it } from 'vitest'

it('works', async () => {
  const { model, parameters, task } = await loadModel('induction-2l8h')
  const inputs = { ...task.tables, ...task.evaluator('train', 4) }
  const t0 = performance.now()
  const { bytes, free, fixed } = exportOnnx(model, parameters, { inputs, hooks: ['blocks.1.attn.pattern', 'blocks.0.attn.scores'], gates: ['blocks.1.attn.z'] })
  const t1 = performance.now()
  const { cache } = await runWithCache(model, parameters, inputs, { cache: ['logits', 'blocks.1.attn.pattern'], engine: 'reference' })
  for (const runtime of ['node', 'web'] as const) {
    const session = await load(bytes, { runtime })
    const result = await session.run(inputs)
    const worst = Math.max(...cache.logits.data.map((v, i) => Math.abs(v - result.cache.logits.data[i])))
    expect([session.engine, free, fixed, worst, bytes.length, t1 - t0]).toBe(0)
  }
})
