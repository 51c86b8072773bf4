import { internal } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import type { KernelCall, OpDef } from '../ops/define.ts'

/** For each input of an op the axis that holds its rows; `null`: the input is read whole. */
export type RowMap = readonly (number | null)[]

/**
 * Checks what an op says of rows in one use of it. The passes read inputs by these maps alone: an input that a map forgets
 * would be lost without a word.
 *
 * @throws OpsinError `INTERNAL` naming the op and the map that does not fit.
 */
export function requireRowMaps(op: OpDef, call: KernelCall<any>): void {
  const { inputs, shape } = call
  const rowwise = op.rowwise(call)
  if (rowwise.length !== shape.length) {
    throw broken(op, 'rowwise', `a map for each axis of ${showShape(shape)}`, rowwise.length)
  }
  rowwise.forEach((map, axis) => {
    if (map !== null) requireRowMap(op, call, axis, map)
    const taken = map === null ? op.takeRows?.(call, axis, [0]) : undefined
    if (taken) requireRowMap(op, call, axis, taken.inputs)
  })
  for (const axes of op.contracts?.(call) ?? []) {
    requireAxes(op, 'contracts', call, axes)
    const lengths = axes.flatMap((axis, i) => (axis === null ? [] : [inputs[i][axis]]))
    if (new Set(lengths).size !== 1) throw broken(op, 'contracts', 'axes of one length', lengths)
  }
  for (const index of op.linearIn?.(call) ?? []) {
    if (inputs[index] === undefined) throw broken(op, 'linearIn', `inputs below ${inputs.length}`, index)
  }
}

/** The same for one map of the rows along an axis of the output, `rowwise` or `takeRows`. */
export function requireRowMap(op: OpDef, call: KernelCall<any>, axis: number, map: RowMap): void {
  const where = `rows along axis ${axis}`
  requireAxes(op, where, call, map)
  map.forEach((own, i) => {
    const [n, rows] = [call.shape[axis], own === null ? call.shape[axis] : call.inputs[i][own]]
    if (n % rows !== 0 && rows % n !== 0) throw broken(op, where, `${n} rows in whole blocks in input ${i}`, rows)
  })
}

/** One entry for each input, each an axis that it has. */
function requireAxes(op: OpDef, where: string, { inputs }: KernelCall<any>, map: RowMap): void {
  if (map.length !== inputs.length) {
    throw broken(op, where, `one entry for each of ${inputs.length} inputs`, map.length)
  }
  map.forEach((own, i) => {
    if (own !== null && inputs[i][own] === undefined) {
      throw broken(op, where, `an axis of input ${i}, ${showShape(inputs[i])}`, own)
    }
  })
}

function broken({ name }: OpDef, where: string, expected: string, got: unknown) {
  return internal(`op "${name}", ${where}`, expected, JSON.stringify(got))
}
