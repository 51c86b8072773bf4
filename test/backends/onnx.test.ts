import {
  ablate,
  adam,
  at,
  attentionOnly,
  clamp,
  compile,
  fewShot,
  initialize,
  OpsinError,
  previousToken,
  runWithCache,
  train,
} from 'opsin'
import { elementwise } from 'opsin/extend'
import { describe, expect, it, vi } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { engine } from '../../src/backends/index.ts'
import { onnxBackend } from '../../src/backends/onnx/index.ts'
import { wasmBackend } from '../../src/backends/wasm/index.ts'
import { GraphBuilder, pointOf } from '../../src/graph/build.ts'
import { farthest, runtimes } from '../support/ort.ts'

const model = attentionOnly({ layers: 2, heads: 4, dModel: 16 })
const task = fewShot({ classes: 20 })
const inputs = { ...task.tables, ...task.evaluator('train', 8) }
const head = (index: number) => at(model, 'blocks.1.attn.z', { head: index })
const short = { sequences: 320, optimizer: adam({ lr: 1e-2 }), evaluateAt: 160 } as const

/** A backend that counts the sessions that the runtime makes. */
async function counting(runtime: 'node' | 'web'): Promise<{ backend: Backend; sessions: () => number }> {
  const module = runtime === 'node' ? await import('onnxruntime-node') : await import('onnxruntime-web')
  const create = vi.spyOn(module.InferenceSession, 'create')
  return { backend: await onnxBackend(await wasmBackend(), { runtime }), sessions: () => create.mock.calls.length }
}

/** y = w x with an update w ← w − grad, as a graph by hand. */
function tiny() {
  const builder = new GraphBuilder()
  const [x, w] = [builder.input('x', [3], 'batch'), builder.input('w', [3], 'parameter')]
  const y = builder.op('multiply', [x, w])
  builder.point('y', y)
  builder.update(w, builder.op('add', [w, y]))
  return builder.build()
}

describe.each(runtimes)('engine onnx over onnxruntime-%s', (runtime) => {
  it('computes, and updates the memory that it computes from', async () => {
    const { backend } = await counting(runtime)
    const program = await backend.load(tiny(), { keep: ['y'] })
    const [x, w, y] = [0, 1, pointOf(program.graph, 'y')].map((id) => program.view(id))
    x.set([1, 2, 3])
    w.set([1, 1, 1])
    for (const expected of [
      [1, 2, 3],
      [2, 6, 12],
    ]) {
      await program.compute()
      await program.update()
      expect(Array.from(y)).toEqual(expected)
    }
    expect(Array.from(w)).toEqual([4, 9, 16])
  })

  it('gives a state the value of a point, with no op between', async () => {
    const builder = new GraphBuilder()
    const [x, w] = [builder.input('x', [2], 'batch'), builder.input('w', [2], 'parameter')]
    const y = builder.op('multiply', [x, x])
    builder.point('y', y)
    builder.update(w, y)
    const { backend } = await counting(runtime)
    const program = await backend.load(builder.build(), { keep: ['y'] })
    program.view(0).set([2, 3])
    await program.compute()
    await program.update()
    expect(Array.from(program.view(1))).toEqual([4, 9])
  })

  it('makes one session for a graph, whatever the weights', async () => {
    const { backend, sessions } = await counting(runtime)
    const programs = [await backend.load(tiny(), { keep: ['y'] }), await backend.load(tiny(), { keep: ['y'] })]
    const made = sessions()
    programs.forEach((program, i) => {
      program.view(0).fill(2)
      program.view(1).fill(i)
    })
    for (const program of programs) await program.compute()
    expect(programs.map((program) => program.view(2)[0])).toEqual([0, 2])
    await backend.load(tiny(), { keep: ['y'] })
    expect(sessions()).toBe(made)
  })
})

describe('engine onnx', () => {
  it('trains as wasm does, up to rounding, under clamps, and says who computed', async () => {
    const interventions = [clamp(at(model, 'blocks.0.attn.pattern', { head: 2 }), previousToken()), ablate(head(1))]
    const [onnx, wasm] = [
      await train(model, task, { ...short, interventions, engine: 'onnx' }),
      await train(model, task, { ...short, interventions, engine: 'wasm' }),
    ]
    expect(onnx.engine).toMatch(/^onnxruntime-node \d/)
    for (const name of Object.keys(wasm.parameters)) {
      expect(farthest(onnx.parameters[name], wasm.parameters[name]), name).toBeLessThan(1e-4)
    }
    expect(onnx.receipts.map(({ fired, elements }) => [fired, elements])).toEqual(
      wasm.receipts.map(({ fired, elements }) => [fired, elements]),
    )
  })

  it('goes on to the bit', async () => {
    const whole = await train(model, task, { ...short, engine: 'onnx' })
    const half = await train(model, task, { ...short, sequences: 160, engine: 'onnx' })
    const resumed = await train(model, task, { ...short, engine: 'onnx', resume: half.checkpoint })
    expect(resumed.parameters).toEqual(whole.parameters)
    expect(resumed.records).toEqual(whole.records)
  })

  it('runs sessions and reads gradients', async () => {
    const parameters = initialize(model, 5)
    const read = ['logits', 'grad(blocks.0.attn.v)'] as const
    const session = await compile(model, parameters, { read, engine: 'onnx:2' })
    expect(session.engine).toMatch(/, 2 threads$/)
    for (const index of [0, 3]) {
      const interventions = [ablate(head(index))]
      const { cache } = await session.run(inputs, { interventions })
      const expected = await runWithCache(model, parameters, inputs, {
        cache: read,
        interventions,
        engine: 'reference',
      })
      for (const name of read) expect(farthest(cache[name], expected.cache[name])).toBeLessThan(1e-5)
    }
  })

  it('names the point that went bad first', async () => {
    const parameters = initialize(model, 5)
    const huge = { ...parameters, 'blocks.0.attn.v.weight': parameters['blocks.0.attn.v.weight'] }
    const weights = huge['blocks.0.attn.v.weight']
    huge['blocks.0.attn.v.weight'] = { ...weights, data: weights.data.map(() => 3e38) }
    await expect(runWithCache(model, huge, inputs, { engine: 'onnx' })).rejects.toThrow(
      /blocks\.0\.attn\.v: .*\[NOT_FINITE\]/,
    )
  })

  it('names an op that has no ONNX form', async () => {
    const [plain] = elementwise('outside/no-onnx', {
      formula: 'y = x',
      value: (x) => x,
      slopeFormula: 'dx = g',
      slope: () => 1,
      onnx: () => {
        throw new Error('none')
      },
      onnxSlope: (x) => x,
    })
    const builder = new GraphBuilder()
    builder.point('y', builder.op(plain, [builder.input('x', [2], 'batch')]))
    const backend = await engine('onnx')
    await expect(async () => backend.load(builder.build())).rejects.toThrow(/op "outside\/no-onnx".*\[VALUE\]/)
  })

  it('tells a profile how long the runtime took', async () => {
    const ops = new Set<string>()
    await train(model, task, { ...short, sequences: 64, engine: 'onnx', profile: ({ op }) => ops.add(op) })
    expect([...ops].sort()).toEqual(['adam', 'onnx'])
  })
})

describe('engine auto', () => {
  it('is onnx for large models, and the fastest for small ones', async () => {
    expect((await engine('auto', 1e6)).name).toMatch(/^onnxruntime/)
    expect((await engine('auto', 1e3)).name).toBe((await engine('fastest')).name)
  })

  it('a number of threads that makes no sense is no engine', async () => {
    for (const name of ['onnx:0', 'onnx:', 'onnx:1.5', 'onnx:999'])
      await expect(engine(name as 'onnx:1')).rejects.toThrow(OpsinError)
  })
})
