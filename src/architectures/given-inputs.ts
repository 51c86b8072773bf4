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
  if (!Array.isArray(sizes)) throw missing(given, name, shape)
  const fits = (size: number | null, axis: number) =>
    Number.isInteger(sizes[axis]) && sizes[axis] > 0 && (size ?? sizes[axis]) === sizes[axis]
  if (sizes.length !== shape.length || !shape.every(fits)) {
    throw unfit(name, { expected: showSizes(shape), got: isShape(sizes) ? showShape(sizes) : show(sizes) })
  }
  if (data?.length !== sizeOf(sizes))
    throw unfit(name, { expected: `${sizeOf(sizes)} elements`, got: show(data?.length) })
  return given[name]
}

function missing(given: GivenInputs, name: string, shape: readonly (number | null)[]): OpsinError {
  const names = Object.keys(requireRecord('inputs', given ?? {}, 'tensors by the names of inputs'))
  if (names.length === 0) return unfit(name, { expected: showSizes(shape), got: 'nothing: there are no inputs' })
  const got = `nothing (the inputs are ${names.join(', ')})`
  return unfit(name, { expected: showSizes(shape), got, hint: `Nearest: ${nearest(name, names).join(', ')}.` })
}

function unfit(name: string, parts: { expected: string; got: string; hint?: string }): OpsinError {
  return new OpsinError('SHAPE', { where: `input "${name}"`, ...parts })
}

/** As {@link showShape} does, where an axis may have any size. */
function showSizes(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? 'any').join(', ')}]`
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
