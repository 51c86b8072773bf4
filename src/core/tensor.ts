import { check, type Rule, requireObject } from './check.ts'
import type { NumberArray } from './dtype.ts'
import { OpsinError } from './errors.ts'
import { isShape, type Shape, showShape, sizeOf } from './shape.ts'
import { show } from './show.ts'

/** A plain array with a shape, row-major. `axes`, where known, names the axes in the field's words. */
export interface Tensor<Data extends NumberArray = NumberArray> {
  readonly shape: Shape
  readonly data: Data
  readonly axes?: readonly string[]
}

/**
 * A tensor over `data`, which is not copied.
 *
 * @throws OpsinError `SHAPE` for a value that is no shape, or when `data` does not hold exactly the shape's number of elements;
 * `DTYPE` for data that are no Float32Array, Float64Array or Int32Array.
 * @example
 * import { tensor } from 'opsin'
 * const identity = tensor([2, 2], new Float32Array([1, 0, 0, 1]))
 */
export function tensor<Data extends NumberArray>(shape: Shape, data: Data, axes?: readonly string[]): Tensor<Data> {
  return requireTensor('tensor', axes === undefined ? { shape, data } : { shape, data, axes })
}

/** Gives a tensor back. @throws OpsinError `VALUE`, `SHAPE` or `DTYPE` unless it is one, its data filling its shape. */
export function requireTensor<Data extends NumberArray>(where: string, value: Tensor<Data>): Tensor<Data> {
  const { shape, data, axes } = requireObject(where, value, 'a tensor { shape, data }')
  if (!isShape(shape)) throw new OpsinError('SHAPE', { where, expected: 'a list of sizes as shape', got: show(shape) })
  if (!isNumberArray(data)) {
    const expected = 'a Float32Array, Float64Array or Int32Array as data'
    throw new OpsinError('DTYPE', { where, expected, got: show(data) })
  }
  if (sizeOf(shape) !== data.length) {
    const expected = `${sizeOf(shape)} elements for shape ${showShape(shape)}`
    throw new OpsinError('SHAPE', { where, expected, got: String(data.length) })
  }
  if (axes !== undefined) check(`${where}: axes`, axes, namesOf(shape))
  return value
}

/** Whether it is one of the arrays that a tensor may be over. */
export function isNumberArray(data: unknown): data is NumberArray {
  return data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array
}

function namesOf({ length }: Shape): Rule<readonly string[]> {
  const isName = (name: unknown) => typeof name === 'string'
  const fits = (axes: unknown) => Array.isArray(axes) && axes.length === length && Array.from(axes).every(isName)
  return { expected: `${length} names`, code: 'SHAPE', fits }
}
