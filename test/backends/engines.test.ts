import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { engine, engines } from '../../src/backends/index.ts'
import { hasRelaxedSimd } from '../../src/backends/wasm/relaxed-simd.ts'
import { attentionOnly, fewShot, OpsinError, train } from '../../src/index.ts'

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
