import { OpsinError } from './errors.ts'
import { show } from './show.ts'

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

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** [rows…, width] as a matrix: how many rows, and how wide they are. */
export function rowsAndWidth(shape: Shape): [rows: number, width: number] {
  return [sizeOf(shape.slice(0, -1)), shape[shape.length - 1] ?? 1]
}

/** Whether it is a list of sizes: whole numbers of 0 or more, their product too. */
export function isShape(value: unknown): value is Shape {
  // `Array.from`, since `every` passes over holes.
  const isSize = (size: unknown) => Number.isSafeInteger(size) && Number(size) >= 0
  return Array.isArray(value) && Array.from(value).every(isSize) && Number.isSafeInteger(sizeOf(value))
}

/** The most numbers that one engine holds: 4 GiB of 32-bit floats, the limit of WebAssembly's address space. */
const ROOM = 2 ** 30

/** Throws OpsinError `VALUE` for more numbers, in all these shapes together, than fit in memory. */
export function requireRoom(where: string, shapes: readonly Shape[]): void {
  const numbers = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)
  if (numbers <= ROOM) return
  throw new OpsinError('VALUE', { where, expected: `at most ${ROOM} numbers, 4 GiB of floats`, got: show(numbers) })
}
