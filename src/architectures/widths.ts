import { OpsinError } from '../core/errors.ts'

/** The width, if what is added to it is as wide. @throws OpsinError `SHAPE`. */
export function requireSameWidth(where: string, width: number, added: number): number {
  if (width === added) return width
  throw new OpsinError('SHAPE', { where, expected: `values of width ${width}`, got: `width ${added}` })
}

/** Throws OpsinError `SHAPE` for a sequence longer than positions know. */
export function requireLength(where: string, length: number, maxLength: number): void {
  if (length <= maxLength) return
  throw new OpsinError('SHAPE', {
    where,
    expected: `sequences of at most maxLength = ${maxLength} tokens`,
    got: String(length),
    hint: 'Give the model a larger maxLength.',
  })
}
