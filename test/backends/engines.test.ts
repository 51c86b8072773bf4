import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { engine, engines } from '../../src/backends/index.ts'
import { hasRelaxedSimd } from '../../src/backends/wasm/relaxed-simd.ts'
import { attentionOnly, fewShot, OpsinError, train } from '../../src/index.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'

const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
const task = fewShot({ classes: 5, labels: 2 })

describe('engine', () => {
  it('is called by its own name, and is the default one when not asked for', async () => {
    expect((await engine('reference')).name).toBe('reference')
    expect((await engine()).name).toBe('wasm')
  })

  it('names what is near when there is none of this name', async () => {
    await expect(engine('wasm-fa' as 'wasm')).rejects.toThrow(/wasm-fma.*\[NAME\]/)
    await expect(engine('toString' as 'wasm')).rejects.toThrow(/\[NAME\]/)
  })
})

describe('engine fastest', () => {
  const here = hasRelaxedSimd() ? 'wasm-fma' : 'wasm'

  it('is the one that this machine can run, under its own name', async () => {
    expect((await engine('fastest')).name).toBe(here)
    expect(Object.keys(engines)).not.toContain('fastest')
  })

  it('is what results and checkpoints call it', async () => {
    const run = await train(model, task, { sequences: 64, engine: 'fastest' })
    expect(run.engine).toBe(here)
    expect(run.checkpoint.identity.engine).toBe(here)
  })
})

describe.skipIf(hasRelaxedSimd())('engine wasm-fma without relaxed SIMD', () => {
  it('says what to do', async () => {
    await expect(engine('wasm-fma')).rejects.toThrow(OpsinError)
    await expect(engine('wasm-fma')).rejects.toThrow(/Node 22.*"fastest".*\[ENGINE\]/)
  })
})

describe.runIf(hasRelaxedSimd())('engine wasm-fma with relaxed SIMD', () => {
  it('trains as wasm does, up to rounding', async () => {
    const [fused, plain] = await Promise.all(
      (['wasm-fma', 'wasm'] as const).map((name) => train(model, task, { sequences: 640, engine: name })),
    )
    const lossOf = ({ records }: typeof fused) => Number(records.at(-1)?.values.loss)
    expect(lossOf(fused)).toBeCloseTo(lossOf(plain), 4)
    expect(fused.engine).toBe('wasm-fma')
  })
})

describe.each(['wasm', 'reference', 'reference-f32'] as const)('engine %s', (name) => {
  const graph = withObjective(model).graph({ batch: 1e7, pairs: 2, rows: 3 })

  it('says how many bytes it lacks, where there are not as many', async () => {
    const backend = await engine(name)
    expect(() => backend.load(graph)).toThrow(OpsinError)
    expect(() => backend.load(graph)).toThrow(
      new RegExp(`engine "${name}": expected \\d{11,} bytes of memory.*smaller batch.*\\[ENGINE\\]`),
    )
  })
})

it('a batch that no memory holds is refused before the first step', async () => {
  const tokens = attentionOnly({
    layers: 1,
    heads: 2,
    dModel: 64,
    inputs: { kind: 'tokens', vocab: 4 },
    readout: 'all',
  })
  const ids = (size: number) => ({ shape: [size, 8], data: new Int32Array(size * 8) })
  const zeros = { ...task, tables: {}, trainingTables: {}, batch: (_: number, size: number) => both(size) }
  const both = (size: number) => ({ tokens: ids(size), targets: ids(size) })
  const run = train(tokens, { ...zeros, evaluator: (_, count = 1) => both(count) }, { sequences: 1e6, batch: 1e6 })
  await expect(run).rejects.toThrow(/engine "wasm": expected \d+ bytes.*\[ENGINE\]/)
})

describe('engine wasm where WebAssembly cannot run', () => {
  // Modules are compiled once, so each test begins with none.
  beforeEach(() => void vi.resetModules())
  afterEach(() => void vi.unstubAllGlobals())

  const refusing = {
    validate: () => true,
    compile: () => Promise.reject(new Error('forbidden by the policy')),
  }

  it.each([
    ['there is none', undefined, /^none$/],
    ['a policy forbids it', refusing, /forbidden by the policy/],
  ])('says so when %s, and tries again when asked again', async (_, stub, got) => {
    const { engine: fresh } = await import('../../src/backends/index.ts')
    vi.stubGlobal('WebAssembly', stub)
    for (let time = 0; time < 2; time++) {
      await expect(fresh('wasm')).rejects.toMatchObject({
        name: 'OpsinError',
        code: 'ENGINE',
        got: expect.stringMatching(got),
      })
    }
    await expect(fresh('wasm-fma')).rejects.toMatchObject({ code: 'ENGINE' })
    await expect(fresh('fastest')).rejects.toMatchObject({ code: 'ENGINE' })
    expect((await fresh('reference')).name).toBe('reference')
    vi.unstubAllGlobals()
    expect((await fresh('wasm')).name).toBe('wasm')
  })
})
