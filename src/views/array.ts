import ndarray, { type NdArray } from 'ndarray'
import type { NumberArray } from '../core/dtype.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'

/** An ndarray over the tensor's memory. @throws OpsinError `VALUE`, `SHAPE` or `DTYPE` for a value that is no tensor. */
export function arrayOf<Data extends NumberArray>(where: string, of: Tensor<Data>): NdArray<Data> {
  const { shape, data } = requireTensor(where, of)
  return ndarray(data, [...shape])
}
