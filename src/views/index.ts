import type { NdArray } from 'ndarray'
import { check } from '../core/check.ts'
import type { NumberArray } from '../core/dtype.ts'
import { isShape, sizeOf } from '../core/shape.ts'
import { isNumberArray, type Tensor, tensor } from '../core/tensor.ts'
import { arrayOf } from './array.ts'

export { type AxisOf, argmax, difference, mean, norm } from './reduce.ts'

/**
 * An ndarray over a tensor's own memory: nothing is copied, so what is written through the view is written to the
 * tensor. Slices (`pick`, `lo`, `hi`, `step`, `transpose`) are views too, and
 * `ndarray-ops` works on all of them; for means, norms and the like there are functions here.
 *
 * @throws OpsinError `VALUE`, `SHAPE` or `DTYPE` for a value that is no tensor.
 * @example
 * import { tensor } from 'opsin'
 * import { view } from 'opsin/views'
 * const pattern = tensor([1, 2, 3, 3], new Float32Array(18))
 * const lastRowOfHead1 = view(pattern).pick(0, 1, 2, null)
 * lastRowOfHead1.set(0, 0.5)
 * if (pattern.data[15] !== 0.5) throw new Error('not the same memory')
 */
export function view<Data extends NumberArray>(of: Tensor<Data>): NdArray<Data> {
  return arrayOf('view', of)
}

/**
 * The way back: a tensor that holds a copy of an ndarray's elements, in row-major order whatever its strides, for a
 * slice or a result of `ndarray-ops` to go on to `clamp` or a file.
 *
 * @throws OpsinError `VALUE` for a value that is no ndarray over a typed array.
 * @example
 * import { tensor } from 'opsin'
 * import { toTensor, view } from 'opsin/views'
 * const matrix = tensor([2, 3], new Float32Array([1, 2, 3, 4, 5, 6]))
 * const transposed = toTensor(view(matrix).transpose(1, 0))
 * if (transposed.shape.join() !== '3,2' || transposed.data[1] !== 4) throw new Error('wrong order')
 */
export function toTensor<Data extends NumberArray>(of: NdArray<Data>): Tensor<Data> {
  const { data, shape, stride, offset } = requireView(of)
  const copy = new (data.constructor as new (length: number) => Data)(sizeOf(shape))
  for (let i = 0; i < copy.length; i++) {
    let [from, rest] = [offset, i]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]) * stride[axis]
      rest = Math.floor(rest / shape[axis])
    }
    copy[i] = data[from]
  }
  return tensor([...shape], copy)
}

/** Throws OpsinError `VALUE` unless it is an ndarray all of whose elements lie in its data. */
function requireView<Data extends NumberArray>(of: NdArray<Data>): NdArray<Data> {
  return check('toTensor', of, { expected: 'an ndarray over numbers', fits: isView })
}

function isView(of: unknown): boolean {
  const { data, shape, stride, offset } = (of ?? {}) as Partial<NdArray<NumberArray>>
  if (!(isShape(shape) && isNumberArray(data) && Array.isArray(stride) && stride.length === shape.length)) return false
  const reach = shape.map((size, axis) => (size - 1) * stride[axis])
  const [first, last] = [Math.min, Math.max].map((end) => reach.reduce((sum, far) => sum + end(0, far), Number(offset)))
  const isWhole = [offset, ...stride].every(Number.isInteger)
  return isWhole && (sizeOf(shape) === 0 || (first >= 0 && last < data.length))
}
