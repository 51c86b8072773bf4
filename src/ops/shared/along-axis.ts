import { OpsinError } from '../../core/errors.ts'
import { type Shape, showShape } from '../../core/shape.ts'
import { type Draw, requireInputs, type ValueType } from '../define.ts'

/** The shape of the only input. @throws OpsinError `SHAPE` unless it has that axis. */
export function shapeWithAxis(op: string, inputs: readonly ValueType[], axis: number): Shape {
  const rank = inputs[0]?.shape.length ?? 0
  requireInputs(op, inputs, `one value with an axis ${axis}`, inputs.length === 1 && axis >= 0 && axis < rank)
  return inputs[0].shape
}

/** @throws OpsinError `VALUE` unless there are indices, all of them within the axis. */
export function requireIndices(op: string, indices: readonly number[], shape: Shape, axis: number): void {
  if (indices.length > 0 && indices.every((i) => Number.isInteger(i) && i >= 0 && i < shape[axis])) return
  throw new OpsinError('VALUE', {
    where: `${op}: indices`,
    expected: `at least one index from 0 to ${shape[axis] - 1} (axis ${axis} of ${showShape(shape)})`,
    got: `[${indices.join(', ')}]`,
  })
}

/** Indices in any order, some perhaps more than once. */
export function drawIndices(draw: Draw, below: number): number[] {
  return Array.from({ length: draw.size() }, () => draw.int(0, below - 1))
}
