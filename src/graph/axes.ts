import { internal } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import type { Axes, KernelCall, Loop, OpDef } from '../ops/define.ts'

/**
 * The loop nest of an op in one use. Passes read inputs by it alone, so it is checked: an input that a loop forgets would be
 * lost without a word.
 *
 * @throws OpsinError `INTERNAL` naming the op and the loop that does not fit.
 */
export function axesOf(op: OpDef, call: KernelCall<any>): Axes {
  const axes = op.axes(call)
  const { output, summed = [], linear = [] } = axes
  if (output.length !== call.shape.length) {
    throw broken(op, 'axes', `a loop or null for each axis of ${showShape(call.shape)}`, output.length)
  }
  output.forEach((loop, axis) => {
    if (loop !== null) requireLoop(op, call, axis, loop)
  })
  for (const over of summed) {
    requireInputs(op, 'summed', call, over)
    const lengths = over.flatMap((axis, i) => (axis === null ? [] : [call.inputs[i][axis]]))
    if (new Set(lengths).size !== 1) throw broken(op, 'summed', 'axes of one length', lengths)
  }
  for (const index of linear) {
    if (call.inputs[index] === undefined) throw broken(op, 'linear', `inputs below ${call.inputs.length}`, index)
  }
  return axes
}

function requireLoop(op: OpDef, call: KernelCall<any>, axis: number, { over }: Loop): void {
  const where = `the loop over axis ${axis}`
  requireInputs(op, where, call, over)
  over.forEach((own, i) => {
    const [n, rows] = [call.shape[axis], own === null ? call.shape[axis] : call.inputs[i][own]]
    if (n % rows !== 0 && rows % n !== 0) throw broken(op, where, `${n} rows in whole blocks in input ${i}`, rows)
  })
}

/** One entry for each input, each an axis that it has. */
function requireInputs(op: OpDef, where: string, { inputs }: KernelCall<any>, over: Loop['over']): void {
  if (over.length !== inputs.length) {
    throw broken(op, where, `one entry for each of ${inputs.length} inputs`, over.length)
  }
  over.forEach((own, i) => {
    if (own !== null && inputs[i][own] === undefined) {
      throw broken(op, where, `an axis of input ${i}, ${showShape(inputs[i])}`, own)
    }
  })
}

function broken({ name }: OpDef, where: string, expected: string, got: unknown) {
  return internal(`op "${name}", ${where}`, expected, JSON.stringify(got))
}
