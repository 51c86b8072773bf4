import type { Shape } from '../../core/shape.ts'
import type { OnnxContext } from '../define.ts'

/** What ONNX calls 64-bit integers (TensorProto.DataType): the index type of its operators. */
export const INT64 = 7
/** What ONNX calls 32-bit integers (TensorProto.DataType). */
export const INT32 = 6
/** What ONNX calls 32-bit floats (TensorProto.DataType). */
export const FLOAT = 1
/** What ONNX calls 64-bit floats (TensorProto.DataType). */
export const DOUBLE = 11
/** What ONNX calls booleans (TensorProto.DataType). */
export const BOOL = 9

/**
 * `Reshape` by what changes: the axes in front that keep their length are copied, the first that does not is what is left,
 * so that the same node serves any length of either.
 */
export function onnxReshape({ node, int64s }: OnnxContext<any>, x: string, from: Shape, to: Shape): string {
  const change = to.findIndex((length, axis) => length !== from[axis])
  const sizes = to.map((length, axis) => (change < 0 || axis < change ? 0 : axis === change ? -1 : length))
  return node('Reshape', [x, int64s(sizes, [sizes.length])])
}

/** A value with its axes in another order; ONNX Runtime takes it into the product behind it. */
export function onnxTranspose({ node }: OnnxContext<any>, x: string, perm: readonly number[]): string {
  return node('Transpose', [x], { perm })
}

/** [batch, pos, head, d] ↦ [batch, head, pos, d], and back: products are made head by head. */
export function onnxByHead(context: OnnxContext<any>, x: string): string {
  return onnxTranspose(context, x, [0, 2, 1, 3])
}
