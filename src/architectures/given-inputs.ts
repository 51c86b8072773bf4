import { requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { isShape, showShape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'
import type { Tensor } from '../core/tensor.ts'

/** The arrays of one batch and the tables, by input name. */
export type GivenInputs = Readonly<Record<string, Tensor>>

/**
 * The input, of that shape (`null`: any size). @throws OpsinError `SHAPE`, with the nearest names where it is missing.
 *
 * @example
 * import { tensor } from 'opsin'
 * import { requireInput } from 'opsin/extend'
 * const { shape } = requireInput({ tokens: tensor([2, 3], new Int32Array(6)) }, 'tokens', [null, 3])
 * console.assert(shape[0] === 2)
 */
export function requireInput(given: GivenInputs, name: string, shape: readonly (number | null)[]): Tensor {
  const { shape: sizes, data } = given?.[name] ?? ({} as Partial<Tensor>)
  const where = `input "${name}"`
  const expected = `[${shape.map((size) => size ?? 'any').join(', ')}]`
  if (!Array.isArray(sizes)) {
    const names = Object.keys(requireRecord('inputs', given ?? {}, 'tensors by the names of inputs'))
    const got = `nothing (the inputs are ${names.join(', ')})`
    throw new OpsinError('SHAPE', { where, expected, got, hint: `Nearest: ${nearest(name, names).join(', ')}.` })
  }
  if (
    sizes.length !== shape.length ||
    !shape.every(
      (size, axis) => Number.isInteger(sizes[axis]) && sizes[axis] > 0 && (size ?? sizes[axis]) === sizes[axis],
    )
  ) {
    throw new OpsinError('SHAPE', { where, expected, got: isShape(sizes) ? showShape(sizes) : show(sizes) })
  }
  if (data?.length !== sizeOf(sizes)) {
    throw new OpsinError('SHAPE', { where, expected: `${sizeOf(sizes)} elements`, got: show(data?.length) })
  }
  return given[name]
}

/**
 * Throws OpsinError `VALUE` unless every id is a whole number from `min` to below `below`.
 * @example
 * import { tensor } from 'opsin'
 * import { requireBelow } from 'opsin/extend'
 * requireBelow('tokens', tensor([2], new Int32Array([0, 4])), 5)
 */
export function requireBelow(name: string, { data }: Tensor, below: number, min = 0): void {
  for (let i = 0; i < data.length; i++) {
    const id = data[i]
    if (Number.isInteger(id) && id >= min && id < below) continue
    throw new OpsinError('VALUE', {
      where: `input "${name}", element ${i}`,
      expected: `an integer from ${min} to ${below - 1}`,
      got: show(id),
    })
  }
}
