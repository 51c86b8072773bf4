import { describe, expect, it } from 'vitest'
import type { OpDef } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { runFile, runOnnx } from '../support/onnx.ts'
import { drawCase, referenceOutput, relativeError } from '../support/op-case.ts'

const all: readonly OpDef[] = Object.values(ops)

describe('lowered to ONNX', () => {
  it.each(all.map((op) => [op.name, op] as const))('%s computes the same in both runtimes', async (_, op) => {
    const cases = Array.from({ length: 12 }, (_, seed) => drawCase(op, seed, 'f32'))
    for (const [runtime, run] of Object.entries(runFile)) {
      const results = await runOnnx(cases, run)
      cases.forEach((opCase, seed) => {
        const error = relativeError(results[seed], referenceOutput(opCase, 'f32'), opCase)
        expect(error, `${runtime}, seed ${seed}: ${JSON.stringify(opCase.call)}`).toBeLessThan(1e-5)
      })
    }
  })
})
