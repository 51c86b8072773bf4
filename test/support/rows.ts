import type { NumberArray } from '../../src/core/dtype.ts'
import { type Shape, sizeOf } from '../../src/core/shape.ts'
import type { SampleValue } from '../../src/testing/index.ts'

/** The rows of `data` (of the given shape) along one axis, in the order asked for. */
export function selectRows<Data extends NumberArray>(
  data: Data,
  shape: Shape,
  axis: number,
  rows: readonly number[],
): Data {
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  const out = new (data.constructor as new (length: number) => Data)(outer * rows.length * inner)
  for (let o = 0; o < outer; o++) {
    rows.forEach((row, r) => {
      const start = (o * shape[axis] + row) * inner
      out.set(data.subarray(start, start + inner), (o * rows.length + r) * inner)
    })
  }
  return out
}

export function selectValue({ type, data }: SampleValue, axis: number, rows: readonly number[]): SampleValue {
  const shape = type.shape.map((n, i) => (i === axis ? rows.length : n))
  return { type: { ...type, shape }, data: selectRows(data, type.shape, axis, rows) }
}

/** The data with every other row along the axis made zero. */
export function zeroOthers({ type: { shape }, data }: SampleValue, axis: number, rows: readonly number[]): NumberArray {
  const inner = sizeOf(shape.slice(axis + 1))
  return data.map((value, i) => (rows.includes(Math.floor(i / inner) % shape[axis]) ? value : 0))
}

/** The rows of `data` (of the given shape) along one axis among zeros, at these places of a longer axis. */
export function putRows(
  data: NumberArray,
  shape: Shape,
  { axis, indices, length }: { axis: number; indices: readonly number[]; length: number },
): NumberArray {
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  const out = new Float64Array(outer * length * inner)
  for (let o = 0; o < outer; o++) {
    indices.forEach((row, r) => {
      const start = (o * indices.length + r) * inner
      out.set(data.subarray(start, start + inner), (o * length + row) * inner)
    })
  }
  return out
}
