import { expect } from 'vitest'
import type { Tensor } from '../../src/core/tensor.ts'
import type { OpDef } from '../../src/ops/define.ts'
import { caseOf, referenceOutput } from './op-case.ts'

/** The op's own `forward` in f64 on the given inputs, as a list. */
export function runOp(op: OpDef, attrs: object, ...inputs: Tensor[]): number[] {
  const values = inputs.map(({ shape, data }) => ({
    type: { shape, dtype: data instanceof Int32Array ? ('int' as const) : ('float' as const) },
    data,
  }))
  return Array.from(referenceOutput(caseOf(op, values, attrs), 'f64'))
}

export function floats(shape: readonly number[], values: readonly number[]): Tensor {
  return { shape, data: Float64Array.from(values) }
}

export function ints(shape: readonly number[], values: readonly number[]): Tensor {
  return { shape, data: Int32Array.from(values) }
}

/** Throws unless both lists have one length and agree to 1e-12. */
export function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 12)
  })
}
