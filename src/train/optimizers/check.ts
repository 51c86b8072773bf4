import { OpsinError } from '../../core/errors.ts'

/** Throws unless an option of an optimiser is in its range. */
export function requireRange(where: string, got: number, holds: boolean, expected: string): void {
  if (!holds) throw new OpsinError('VALUE', { where, expected, got: String(got) })
}
