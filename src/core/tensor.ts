import type { NumberArray } from './dtype.ts'
import { OpsinError } from './errors.ts'
import { type Shape, showShape, sizeOf } from './shape.ts'

/** A plain array with a shape, row-major. `axes`, where known, names the axes in the field's words. */
export interface Tensor<Data extends NumberArray = NumberArray> {
  readonly shape: Shape
  readonly data: Data
  readonly axes?: readonly string[]
}

/**
 * A tensor over `data`, which is not copied.
 *
 * @throws OpsinError `SHAPE` when `data` does not hold exactly the shape's number of elements.
 * @example
 * import { tensor } from 'opsin'
 * const identity = tensor([2, 2], new Float32Array([1, 0, 0, 1]))
 */
export function tensor<Data extends NumberArray>(shape: Shape, data: Data, axes?: readonly string[]): Tensor<Data> {
  if (sizeOf(shape) !== data.length) {
    throw new OpsinError('SHAPE', {
      where: 'tensor',
      expected: `${sizeOf(shape)} elements for shape ${showShape(shape)}`,
      got: `${data.length}`,
    })
  }
  return axes === undefined ? { shape, data } : { shape, data, axes }
}
