import { type Shape, stridesOf } from '../../../core/shape.ts'
import type { Table } from './kernel.ts'

/** Four nested loops over a value, and the strides along them of each value that is repeated to it. */
interface Repetition {
  readonly sizes: readonly [number, number, number, number]
  readonly strides: readonly (readonly [number, number, number, number])[]
}

/**
 * The loops for values repeated to `shape`, aligned at the last axis: as few as will do, because the innermost is the
 * fast one. The innermost strides are 0 or 1. `undefined` when four loops are not enough.
 */
function repetition(shape: Shape, repeated: readonly Shape[]): Repetition | undefined {
  const all = repeated.map((from) => stridesIn(from, shape))
  const sizes: number[] = []
  const strides: number[][] = all.map(() => [])
  shape.forEach((size, axis) => {
    if (size === 1) return
    const own = all.map((stride) => stride[axis])
    const last = sizes.length - 1
    if (last >= 0 && strides.every((list, i) => list[last] === own[i] * size)) {
      // The axis before and this one are walked as one.
      sizes[last] *= size
      strides.forEach((list, i) => {
        list[last] = own[i]
      })
      return
    }
    sizes.push(size)
    strides.forEach((list, i) => {
      list.push(own[i])
    })
  })
  if (sizes.length > 4) return undefined
  return { sizes: padded(sizes, 1), strides: strides.map((list) => padded(list, 0)) }
}

/** The {@link repetition} of one or two values, as the table that kernels read: see assembly/shared/repeat.ts. */
export function loopsOver(shape: Shape, repeated: readonly Shape[]): Table | undefined {
  const loops = repetition(shape, repeated)
  if (loops === undefined) return undefined
  const [first, second = padded([], 0)] = loops.strides
  const numbers = [...loops.sizes, ...first, ...second]
  return { key: `loops ${numbers.join()}`, values: () => Int32Array.from(numbers) }
}

/** Strides of `from` along the axes of `to`: 0 where it repeats. */
function stridesIn(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length
  const strides = stridesOf(from)
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]))
}

function padded(values: readonly number[], by: number): [number, number, number, number] {
  return [...new Array<number>(4 - values.length).fill(by), ...values] as [number, number, number, number]
}
