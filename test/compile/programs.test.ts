import { ablate, adam, at, clamp, type Intervention, tensor } from 'opsin'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { engine } from '../../src/backends/index.ts'
import { numbered } from '../../src/compile/intervene.ts'
import { Programs, type Request } from '../../src/compile/programs.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { inputsOf, tinyModel } from '../support/models.ts'

const model = tinyModel()
const sizes = model.sizes(inputsOf(model, 3))
const head = (index: number) => at(model, 'blocks.1.attn.z', { head: index })

/** Programs of an engine that counts what it loads, and fails the first so many times. */
async function counting(failures = 0) {
  const real = await engine('reference')
  const count = { loads: 0 }
  const load: Backend['load'] = (graph, options) => {
    count.loads++
    if (count.loads <= failures) throw new Error('no memory')
    return real.load(graph, options)
  }
  const programs = new Programs({ ...real, load }, withObjective(model))
  const request = (list: readonly Intervention[], more: Partial<Request> = {}) =>
    programs.compile(sizes, { interventions: numbered(list), read: ['logits'], ...more }).load()
  return { programs, request, count }
}

describe('one program serves', () => {
  it('requests that are equal, whoever makes them', async () => {
    const { request, count } = await counting()
    const first = await request([ablate(head(0))])
    expect(await request([ablate(head(0))])).toBe(first)
    expect(count.loads).toBe(1)
  })

  it('no two that differ in anything it computes', async () => {
    const { request, count } = await counting()
    const optimizer = adam({ lr: 0.1 })
    const reads: Partial<Request>[] = [
      {},
      { read: ['loss'] },
      { read: ['grad(embed)'] },
      { read: ['grad(embed)'], gradientOf: at(model, 'logits', { batch: 0, vocab: 1 }) },
      { without: ['fuse'] },
      { update: { optimizer, step: 0 } },
      { update: { optimizer: adam({ lr: 0.1 }), step: 0 } },
      { update: { optimizer, step: 0 }, profile: () => {} },
    ]
    for (const more of reads) await request([], more)
    await request([ablate(head(0))])
    await request([ablate(head(1))])
    expect(count.loads).toBe(reads.length + 2)
    for (const more of reads.slice(0, 6)) await request([], more)
    expect(count.loads).toBe(reads.length + 2)
  })

  it('arrays that are equal, and no others, however long', async () => {
    const { request, count } = await counting()
    const values = (last: number) => Array.from({ length: 40 }, (_, i) => (i < 39 ? i / 7 : last))
    const whole = at(model, 'blocks.0.resid_post')
    const patch = (last: number) => clamp(whole, tensor([5, 8], Float32Array.from(values(last))))
    const first = await request([patch(1)])
    expect(await request([patch(1)])).toBe(first)
    expect(await request([patch(2)])).not.toBe(first)
    expect(await request([patch(2)], { lift: true })).toBe(await request([patch(1)], { lift: true }))
    expect(count.loads).toBe(3)
  })

  it('until many others came after it', async () => {
    const { request, count } = await counting()
    const first = await request([clamp(head(0), 0.5)])
    for (let i = 1; i <= 63; i++) await request([clamp(head(0), i)])
    expect(await request([clamp(head(0), 0.5)])).toBe(first)
    for (let i = 100; i < 164; i++) await request([clamp(head(0), i)])
    expect(await request([clamp(head(0), 0.5)])).not.toBe(first)
    expect(count.loads).toBe(1 + 63 + 64 + 1)
  })
})

it('graphs of sizes are kept until many others came after them', async () => {
  const { programs } = await counting()
  const graphOf = (batch: number) => programs.graph({ ...sizes, batch })
  const first = graphOf(1)
  for (let batch = 2; batch <= 64; batch++) graphOf(batch)
  expect(graphOf(1)).toBe(first)
  for (let batch = 100; batch < 164; batch++) graphOf(batch)
  expect(graphOf(1)).not.toBe(first)
})

it('a program that could not be loaded is tried again', async () => {
  const { request } = await counting(1)
  await expect(request([])).rejects.toThrow('no memory')
  expect((await request([])).program.graph.points.logits).toBeGreaterThan(0)
})
