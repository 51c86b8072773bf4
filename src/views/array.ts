import ndarray, { type NdArray } from 'ndarray'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'

/** An ndarray over the tensor's memory. @throws OpsinError `SHAPE` where the data do not fill the shape. */
export function arrayOf<Data extends NumberArray>(where: string, { shape, data }: Tensor<Data>): NdArray<Data> {
  if (sizeOf(shape) === data.length) return ndarray(data, [...shape])
  throw new OpsinError('SHAPE', {
    where,
    expected: `${sizeOf(shape)} elements for shape ${showShape(shape)}`,
    got: String(data.length),
  })
}
