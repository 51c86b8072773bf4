import { expect } from 'vitest'
import { sizeOf } from '../../src/core/shape.ts'
import { axesOf } from '../../src/graph/axes.ts'
import { gatherDown, type Part, putDown, takeUp } from '../../src/graph/passes/move.ts'
import type { Loop, Rows } from '../../src/ops/define.ts'
import { drawFrom, type SampleValue } from '../../src/testing/index.ts'
import { caseOf, type OpCase, referenceOutput, relativeError, withInput } from './op-case.ts'
import { putRows, selectRows, selectValue, zeroOthers } from './rows.ts'

// What an op says of its axes, held against what it computes. Each throws where the two differ.

/** All that can be checked of one use of an op. */
export function checkAxes(opCase: OpCase, seed: number): void {
  const { output, summed = [], linear = [] } = axesOf(opCase.op, opCase.call)
  output.forEach((loop, axis) => {
    if (loop !== null) checkLoop(opCase, axis, loop, seed)
  })
  for (const over of summed) checkSummed(opCase, over, seed)
  for (const i of linear) checkLinear(opCase, i)
  checkZeros(opCase, seed)
  checkTables(opCase)
}

/** take(op(x)) = op(take(x)) along a loop. */
export function checkLoop(opCase: OpCase, axis: number, loop: Loop, seed: number): void {
  const { op, call, type } = opCase
  const indices = drawRows(seed, type.shape[axis], blockOf(opCase, axis, loop))
  const part = takeUp(op, call, { axis, indices })
  if (part === undefined) throw new Error(`whole blocks of rows along axis ${axis} cannot be had alone`)
  const few = caseOf(op, selectInputs(opCase, part.inputs), part.attrs)
  expect(few.type.shape).toEqual(type.shape.map((n, i) => (i === axis ? indices.length : n)))
  expect(referenceOutput(few, 'f64')).toEqual(selectRows(referenceOutput(opCase, 'f64'), type.shape, axis, indices))
  // Only the attributes of a placed loop may know which rows they are.
  if (!loop.placed) expect(loop.attrs?.(call.attrs, indices)).toEqual(loop.attrs?.(call.attrs, [...indices.keys()]))
}

/** op(2x − 3y) = 2 op(x) − 3 op(y) in one input. */
export function checkLinear(opCase: OpCase, input: number): void {
  const x = opCase.values[input].data
  const y = x.map((value) => value ** 2 - 1)
  const at = (data: typeof x) => referenceOutput(withInput(opCase, input, data), 'f64')
  const [fx, fy] = [at(x), at(y)]
  const expected = fx.map((value, i) => 2 * value - 3 * fy[i])
  const error = relativeError(at(x.map((value, i) => 2 * value - 3 * y[i])), expected, opCase)
  expect(error, `linear in input ${input}`).toBeLessThan(1e-12)
}

/** Some rows of all inputs, and all rows of which any one input has zeros for the others, give the same. */
export function checkSummed(opCase: OpCase, over: Loop['over'], seed: number): void {
  const lengths = over.flatMap((axis, i) => (axis === null ? [] : [opCase.call.inputs[i][axis]]))
  const indices = [...new Set(drawRows(seed, lengths[0]))]
  const reads = over.map((axis) => (axis === null ? null : { axis, indices }))
  const part = referenceOutput(caseOf(opCase.op, selectInputs(opCase, reads), opCase.call.attrs), 'f64')
  over.forEach((axis, i) => {
    if (axis === null) return
    const whole = referenceOutput(withInput(opCase, i, zeroOthers(opCase.values[i], axis, indices)), 'f64')
    expect(relativeError(part, whole, opCase), `summed in input ${i}`).toBeLessThan(1e-12)
  })
}

/** op(put(x)) = put(op(x)) for every axis of every input along which the op can do without zeros. */
export function checkZeros(opCase: OpCase, seed: number): void {
  const { op, call, values, type } = opCase
  values.forEach((value, i) => {
    value.type.shape.forEach((length, axis) => {
      const indices = [...new Set(drawRows(seed, length))]
      const part = putDown(op, call, i, { axis, indices })
      if (part === undefined) return
      const whole = referenceOutput(withInput(opCase, i, zeroOthers(value, axis, indices)), 'f64')
      // The engine asks for the rows of this input too: they are those that are put.
      expect(part.inputs[i]).toEqual({ axis, indices })
      const few = caseOf(op, selectInputs(opCase, part.inputs), part.attrs)
      const rows = referenceOutput(few, 'f64')
      const back = part.put ? putRows(rows, few.type.shape, part.put) : rows
      expect(back).toHaveLength(sizeOf(type.shape))
      expect(relativeError(back, whole, opCase), `zeros along axis ${axis} of input ${i}`).toBeLessThan(1e-12)
    })
  })
}

/** op(T[ids]) = op(T)[ids] for ids that have the first axes: their rows in one axis, all others of length 1. */
export function checkTables(opCase: OpCase): void {
  const { op, call, values, type } = opCase
  for (let axes = 1; axes <= type.shape.length; axes++) {
    const rows = sizeOf(type.shape.slice(0, axes))
    const lead = [...new Array<number>(axes - 1).fill(1), rows]
    const below = gatherDown(op, call, lead)
    if (below === undefined) continue
    const flat = (shape: readonly number[]) => [...lead, ...shape.slice(axes)]
    const inputs = values.map((value, i): SampleValue => {
      if (!below.holds[i]) return value
      return { ...value, type: { ...value.type, shape: flat(value.type.shape) } }
    })
    const onTable = caseOf(op, inputs, below.attrs)
    expect(onTable.type.shape).toEqual(flat(type.shape))
    expect(referenceOutput(onTable, 'f64')).toEqual(referenceOutput(opCase, 'f64'))
  }
}

/** One to three blocks of rows of an axis, in any order and perhaps more than once. */
function drawRows(seed: number, length: number, block = 1): number[] {
  const draw = drawFrom(seed + 1)
  const blocks = Array.from({ length: draw.size(3) }, () => draw.int(0, length / block - 1))
  return blocks.flatMap((row) => Array.from({ length: block }, (_, i) => row * block + i))
}

/** How many rows of the output belong to one of an input, at most. */
function blockOf({ call }: OpCase, axis: number, { over }: Loop): number {
  return Math.max(1, ...over.map((own, i) => (own === null ? 1 : call.shape[axis] / call.inputs[i][own])))
}

function selectInputs({ values }: OpCase, reads: Part['inputs']): SampleValue[] {
  return values.map((value, i) => {
    const rows: Rows | null = reads[i]
    return rows === null ? value : selectValue(value, rows.axis, rows.indices)
  })
}
