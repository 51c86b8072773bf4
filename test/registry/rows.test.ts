import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFor } from '../../src/graph/passes/rows.ts'
import { requireRowMaps } from '../../src/graph/row-maps.ts'
import type { KernelCall, OpDef, Rows } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { drawFrom, type SampleValue } from '../../src/testing/index.ts'
import { caseOf, drawCase, type OpCase, referenceOutput, relativeError, withInput } from '../support/op-case.ts'
import { selectRows, selectValue, zeroOthers } from '../support/rows.ts'

const all: readonly OpDef[] = Object.values(ops)

describe.each(all.map((op) => [op.name, op] as const))('%s', (_, op) => {
  it('says of every input where its rows are', () => {
    onSamples(op, ({ call }) => requireRowMaps(op, call))
  })

  it('is caught where it forgets an input or names an axis that is not there', () => {
    onSamples(op, ({ call }) => {
      for (const [what, wrong] of wrongTwins(op, call)) {
        expect(() => requireRowMaps(wrong, call), what).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
      }
    })
  })

  it('computes rows alone where it says how', () => {
    onSamples(op, (opCase, seed) => {
      const whole = referenceOutput(opCase, 'f64')
      const { shape } = opCase.type
      const rowwise = op.rowwise(opCase.call)
      expect(rowwise).toHaveLength(shape.length)
      rowwise.forEach((inputAxes, axis) => {
        const indices = drawRows(seed, shape[axis], blockOf(opCase, axis))
        const read = readFor(op, opCase.call, { axis, indices })
        if (inputAxes !== null) expect(read).toBeDefined()
        if (read === undefined) return
        expect(read.inputs).toHaveLength(opCase.values.length)
        const part = caseOf(op, selectInputs(opCase, read.inputs), read.attrs)
        expect(part.type.shape).toEqual(shape.map((n, i) => (i === axis ? indices.length : n)))
        expect(referenceOutput(part, 'f64')).toEqual(selectRows(whole, shape, axis, indices))
      })
    })
  })

  const { linearIn, contracts } = op
  if (linearIn !== undefined) {
    it('is linear in the inputs of which it says so', () => {
      onSamples(op, (opCase) => {
        for (const i of linearIn(opCase.call)) {
          if (opCase.values[i].type.dtype === 'float') expectLinear(opCase, i)
        }
      })
    })
  }
  if (contracts !== undefined) {
    it('can do without what is zero in one input where it sums over products', () => {
      onSamples(op, (opCase, seed) => {
        for (const axes of contracts(opCase.call)) expectContracted(opCase, axes, seed)
      })
    })
  }
})

/** The op with one of the things that it says of rows made wrong. */
function wrongTwins(op: OpDef, call: KernelCall<any>): [string, OpDef][] {
  const { rowwise, takeRows } = op
  const maps = rowwise(call)
  // What a map says of each input, with one more.
  const longer = [...call.inputs.map(() => null), null]
  const saying = (map: (number | null)[]) => ({ ...op, rowwise: () => maps.map((own) => own && map) })
  const taken = maps.some((map, axis) => map === null && takeRows?.(call, axis, [0]))
  const twins: [string, OpDef, boolean][] = [
    ['rowwise of an axis too many', { ...op, rowwise: () => [...maps, null] }, true],
    ['rowwise of an input too many', saying(longer), maps.some(Boolean)],
    ['rowwise of an input too few', saying(longer.slice(2)), maps.some(Boolean) && call.inputs.length > 0],
    ['rowwise of an axis of no input', saying([9, ...longer.slice(2)]), maps.some(Boolean)],
    ['takeRows of an input too many', { ...op, takeRows: () => ({ attrs: {}, inputs: longer }) }, taken],
    ['contracts of an input too many', { ...op, contracts: () => [longer] }, true],
    ['linearIn of an input that is not there', { ...op, linearIn: () => [call.inputs.length] }, true],
  ]
  return twins.flatMap(([what, twin, applies]) => (applies ? [[what, twin] as [string, OpDef]] : []))
}

function onSamples(op: OpDef, check: (opCase: OpCase, seed: number) => void): void {
  const property = fc.property(fc.nat(), (seed) => check(drawCase(op, seed, 'f64'), seed))
  fc.assert(property, { numRuns: 25, seed: 2024 })
}

/** f(2x − 3y) = 2 f(x) − 3 f(y) in one input. */
function expectLinear(opCase: OpCase, input: number): void {
  const x = opCase.values[input].data
  const y = x.map((value) => value ** 2 - 1)
  const at = (data: typeof x) => referenceOutput(withInput(opCase, input, data), 'f64')
  const [fx, fy] = [at(x), at(y)]
  const expected = fx.map((value, i) => 2 * value - 3 * fy[i])
  const error = relativeError(at(x.map((value, i) => 2 * value - 3 * y[i])), expected, opCase)
  expect(error, `input ${input}`).toBeLessThan(1e-12)
}

/** Some rows of all inputs, and all rows of which one input has zeros for the others, give the same. */
function expectContracted(opCase: OpCase, axes: readonly (number | null)[], seed: number): void {
  expect(axes).toHaveLength(opCase.values.length)
  const lengths = axes.flatMap((axis, i) => (axis === null ? [] : [opCase.call.inputs[i][axis]]))
  const indices = [...new Set(drawRows(seed, lengths[0]))]
  const reads = axes.map((axis) => (axis === null ? null : { axis, indices }))
  const part = referenceOutput(caseOf(opCase.op, selectInputs(opCase, reads), opCase.call.attrs), 'f64')
  axes.forEach((axis, i) => {
    if (axis === null) return
    const whole = referenceOutput(withInput(opCase, i, zeroOthers(opCase.values[i], axis, indices)), 'f64')
    expect(relativeError(part, whole, opCase), `input ${i}`).toBeLessThan(1e-12)
  })
}

/** One to three blocks of rows of an axis, in any order and perhaps more than once. */
function drawRows(seed: number, length: number, block = 1): number[] {
  const draw = drawFrom(seed + 1)
  const blocks = Array.from({ length: draw.size(3) }, () => draw.int(0, length / block - 1))
  return blocks.flatMap((row) => Array.from({ length: block }, (_, i) => row * block + i))
}

/** How many rows of the output belong to one of an input, at most. */
function blockOf({ op, call }: OpCase, axis: number): number {
  const blocks = op.rowwise(call)[axis]?.map((own, i) => (own === null ? 1 : call.shape[axis] / call.inputs[i][own]))
  return Math.max(1, ...(blocks ?? []))
}

function selectInputs({ values }: OpCase, reads: readonly (Rows | null)[]): SampleValue[] {
  return values.map((value, i) => {
    const rows = reads[i]
    return rows === null ? value : selectValue(value, rows.axis, rows.indices)
  })
}
