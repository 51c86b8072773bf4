import { OpsinError } from './errors.ts'

/** Sizes of the axes, outermost first; row-major. `[]` is a scalar. */
export type Shape = readonly number[]

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1)
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis])
}

/** Whether `from` can be repeated to `to`: same rank, each axis equal or 1. */
export function canBroadcast(from: Shape, to: Shape): boolean {
  return from.length === to.length && from.every((n, axis) => n === to[axis] || n === 1)
}

/** Strides of `from` read as if it had the shape `to`: 0 along each repeated axis. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  return stridesOf(from).map((stride, axis) => (from[axis] === 1 && to[axis] !== 1 ? 0 : stride))
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** Throws unless `got` equals `expected`; `where` names the place and the input. */
export function requireShape(where: string, expected: Shape, got: Shape): void {
  if (sameShape(expected, got)) return
  throw new OpsinError('SHAPE', { where, expected: showShape(expected), got: showShape(got) })
}
