import { OpsinError } from '../../core/errors.ts'
import type { Tensor } from '../../core/tensor.ts'

/** The arrays of one batch and the tables, by input name. */
export type GivenInputs = Readonly<Record<string, Tensor>>

/** The input, of that shape (`null`: any size). @throws OpsinError `SHAPE`. */
export function requireInput(given: GivenInputs, name: string, shape: readonly (number | null)[]): Tensor {
  const input = given[name]
  const fits =
    input !== undefined &&
    input.shape.length === shape.length &&
    shape.every((size, axis) => input.shape[axis] > 0 && (size === null || size === input.shape[axis]))
  if (fits) return input
  throw new OpsinError('SHAPE', {
    where: `input "${name}"`,
    expected: `[${shape.map((size) => size ?? 'any').join(', ')}]`,
    got:
      input === undefined ? `nothing (the inputs are ${Object.keys(given).join(', ')})` : `[${input.shape.join(', ')}]`,
  })
}

/** Throws OpsinError `VALUE` unless every id is a whole number from `min` to below `below`. */
export function requireBelow(name: string, { data }: Tensor, below: number, min = 0): void {
  for (let i = 0; i < data.length; i++) {
    const id = data[i]
    if (id >= min && id < below && Number.isInteger(id)) continue
    throw new OpsinError('VALUE', {
      where: `input "${name}", element ${i}`,
      expected: `an integer from ${min} to ${below - 1}`,
      got: String(id),
    })
  }
}

/** Throws OpsinError `NOT_FINITE` where a table holds NaN or infinity. */
export function requireFinite(name: string, { data }: Tensor): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue
    throw new OpsinError('NOT_FINITE', {
      where: `input "${name}", element ${i}`,
      expected: 'finite numbers',
      got: String(data[i]),
    })
  }
}
