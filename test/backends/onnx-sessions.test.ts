import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { Runtime } from '../../src/backends/onnx/ort.ts'
import { Sessions } from '../../src/backends/onnx/sessions.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** A runtime that only counts. */
function counting() {
  const release = vi.fn(async () => {})
  const create = vi.fn(async () => ({ run: async () => ({}), release }))
  const module = { InferenceSession: { create } }
  const threads = () => ({})
  const runtime = { package: 'none', version: '1', module, providers: [], writesOutputs: true, threads }
  return { runtime: runtime as unknown as Runtime, create, release }
}

describe('sessions of ONNX Runtime', () => {
  it('are shared by equal graphs as long as one has them', async () => {
    const { runtime, create, release } = counting()
    const sessions = new Sessions(runtime, 1)
    const first = await sessions.of(Uint8Array.of(1))
    collect()
    await wait(20)
    expect(await sessions.of(Uint8Array.of(1))).toBe(first)
    await sessions.of(Uint8Array.of(2))
    expect(create).toHaveBeenCalledTimes(2)
    expect(release.mock.calls.length).toBeLessThan(2)
  })

  it('are given back when nobody has them any more, though their engine is gone too', async () => {
    const { runtime, release } = counting()
    await new Sessions(runtime, 1).of(Uint8Array.of(1))
    await vi.waitFor(
      () => {
        collect()
        expect(release).toHaveBeenCalledTimes(1)
      },
      { timeout: 4000, interval: 20 },
    )
  })
})
