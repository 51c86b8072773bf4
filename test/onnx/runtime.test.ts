import * as nodeRuntime from 'onnxruntime-node'
import * as webRuntime from 'onnxruntime-web'
import { attentionOnly, initialize, OpsinError, runWithCache, tensor } from 'opsin'
import { exportOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { runtimeOf } from '../../src/backends/onnx/ort.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { encodeModel, lowerGraph } from '../../src/onnx/lower/index.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'
import { runtimes } from '../support/ort.ts'

const model = tinyModel()
const weights = weightsOf(model)
const inputs = inputsOf(model)
const { bytes } = exportOnnx(model, weights, { inputs, hooks: ['blocks.1.attn.pattern'], gates: ['blocks.0.attn.z'] })

afterEach(() => vi.restoreAllMocks())

describe('which runtime computes', () => {
  it('is the one that is asked for, with both in one process', async () => {
    const created: string[] = []
    for (const { InferenceSession } of [nodeRuntime, webRuntime]) {
      const create = InferenceSession.create.bind(InferenceSession) as (...args: unknown[]) => Promise<any>
      vi.spyOn(InferenceSession, 'create').mockImplementation(async (...args: unknown[]) => {
        const session = await create(...args)
        created.push(session.handler.constructor.name)
        return session
      })
    }
    const names = []
    for (const runtime of ['web', 'node', 'web', nodeRuntime, webRuntime] as const) {
      const session = await load(bytes, { runtime })
      await session.run(inputs)
      names.push(session.engine)
      await session.close()
    }
    const [web, node] = ['onnxruntime-web 1.30.0 (wasm)', 'onnxruntime-node 1.30.0 (cpu)']
    expect(names).toEqual([web, node, web, node, web])
    const [byWeb, byNode] = created
    expect(byWeb).not.toBe(byNode)
    expect(created).toEqual([byWeb, byNode, byWeb, byNode, byWeb])
  })

  it('is an error with the line that installs it where it is not there', async () => {
    const missing = vi.fn(async () => {
      throw new Error("Cannot find package 'onnxruntime-node' imported from here")
    })
    const line = 'Install it: ONNXRUNTIME_NODE_INSTALL=skip npm i onnxruntime-node'
    await expect(runtimeOf('node', { node: missing, web: missing })).rejects.toThrow(line)
    await expect(runtimeOf('web', { node: missing, web: missing })).rejects.toThrow('Install it: npm i onnxruntime-web')
  })
})

describe('a session', () => {
  test.each(runtimes)('gives what every engine gives, and shuts, on %s', async (runtime) => {
    const session = await load(bytes, { runtime, threads: 2 })
    const [a, b] = await Promise.all([session.run(inputs), session.run(inputsOf(model, 3))])
    const cache = ['logits', 'blocks.1.attn.pattern', 'blocks.0.attn.z'] as const
    const expected = await runWithCache(model, weights, inputs, { cache, engine: 'reference' })
    expect(session.hooks).toEqual([...cache])
    for (const name of cache) {
      expect([a.cache[name].shape, a.cache[name].axes]).toEqual([expected.cache[name].shape, expected.cache[name].axes])
    }
    expect(a.cache.logits.data).not.toEqual(b.cache.logits.data)
    expect(a.receipts).toEqual([])
    await session.close()
    await session.close()
    await expect(session.run(inputs)).rejects.toThrow('expected an open session, got a closed one. [ENGINE]')
  })

  it('refuses inputs that do not fit, as every engine does', async () => {
    const session = await load(bytes)
    const { labels, ...without } = inputs
    const wrong = [
      without,
      { ...inputs, label: labels },
      { ...inputs, labels: tensor([2, 2], new Float32Array(4)) },
      { ...inputs, labels: tensor([2, 2], new Int32Array([0, 1, 2, 99])) },
      { ...inputs, exemplars: tensor([2, 2], new Int32Array(4)) },
      { ...inputs, features: tensor([7, 6], new Float32Array(42).fill(Number.NaN)) },
    ]
    for (const given of wrong) {
      const native = await runWithCache(model, weights, given as never).catch((error: OpsinError) => error)
      expect(native).toBeInstanceOf(OpsinError)
      await expect(session.run(given as never)).rejects.toThrow((native as OpsinError).message)
    }
    await session.close()
  })

  it('refuses sizes that a file holds, and models that it is not of', async () => {
    const fixed = exportOnnx(model, weights, { inputs, free: ['rows'] }).bytes
    const session = await load(fixed)
    const other = inputsOf(model, 1, { batch: 3, rows: 9 })
    await expect(session.run(other)).rejects.toThrow(
      'inputs: batch: expected 2, which this file was exported at, got 3',
    )
    expect((await session.run(inputsOf(model, 1, { rows: 9 }))).cache.logits.shape).toEqual([2, 1, 5])
    await session.close()
    const stranger = attentionOnly({ layers: 1, heads: 1, dModel: 4, inputs: { kind: 'tokens', vocab: 3 } })
    await expect(load(bytes, { model: stranger })).rejects.toThrow('load: model: expected the model of the file')
  })

  it('reads values in between by the names of their points', async () => {
    const session = await load(bytes, { hooks: ['blocks.0.attn.q'] })
    const { cache } = await session.run(inputs)
    expect(cache['blocks.0.attn.q'].axes).toEqual(['batch', 'pos', 'head', 'd_head'])
    await expect(load(bytes, { hooks: ['blocks.0.attn.qq'] })).rejects.toThrow('Nearest: blocks.0.attn.q')
    await session.close()
  })

  it('names the first point that is not finite', async () => {
    const tiny = attentionOnly({ layers: 1, heads: 1, dModel: 4, inputs: { kind: 'vectors', width: 4 }, outputs: 2 })
    const sizes = { batch: 1, length: 2 }
    const file = exportOnnx(tiny, initialize(tiny, 1), { sizes, hooks: ['embed', 'blocks.0.ln1.scale'] }).bytes
    const session = await load(file)
    const vectors = tensor(
      [1, 2, 4],
      new Float32Array(8).fill(1e30).map((x, i) => (i % 2 === 0 ? x : -x)),
    )
    await expect(session.run({ vectors })).rejects.toThrow('blocks.0.ln1.scale: expected finite numbers')
    await session.close()
  })
})

describe('a file from elsewhere', () => {
  const builder = new GraphBuilder()
  const [x, ids] = [builder.input('x', [2, 3]), builder.input('ids', [4], 'batch', 'int')]
  const inner = builder.point('inner', builder.op('relu', [x]))
  const outputs = { y: builder.op('gather', [builder.op('tanh', [inner]), ids]) }
  const declare = ({ name, shape }: { name: string; shape: readonly number[] }) =>
    name === 'ids' ? { dims: ['n'] } : { dims: shape }
  const foreign = encodeModel(lowerGraph(builder.build(), { outputs, declare })).bytes
  const given = {
    x: tensor([2, 3], new Float32Array([-1, 0, 1, 2, 3, -4])),
    ids: tensor([4], new Int32Array([0, 1, 1, 0])),
  }

  test.each(runtimes)('is read, its values in between too, on %s', async (runtime) => {
    const session = await load(foreign, { runtime, hooks: ['inner'] })
    const { cache } = await session.run(given)
    expect([...cache.inner.data]).toEqual([0, 0, 1, 2, 3, 0])
    expect(cache.y.shape).toEqual([4, 3])
    await session.close()
  })

  it('has no model and no interventions, and says what fits', async () => {
    const session = await load(foreign)
    expect(() => session.model).toThrow('expected a file of a model that opsin can rebuild')
    await expect(session.run(given, { interventions: [{} as never] })).rejects.toThrow('session.run: interventions')
    await expect(session.run({ ...given, z: given.x })).rejects.toThrow('an input of this file, got "z". Nearest: x')
    await expect(session.run({ x: given.x })).rejects.toThrow('input "ids": expected [n], got nothing. [SHAPE]')
    await expect(session.run({ ...given, x: tensor([3], new Float32Array(3)) })).rejects.toThrow(
      'expected [2, 3], got [3]',
    )
    await expect(session.run({ ...given, ids: tensor([1], new Float32Array(1)) })).rejects.toThrow('[DTYPE]')
    await expect(session.run({ ...given, ids: tensor([1], new Int32Array([7])) })).rejects.toThrow('[ENGINE]')
    await session.close()
  })
})
