import { OpsinError } from '../../core/errors.ts'
import { unknownName } from '../../core/nearest.ts'

/** Throws OpsinError `VALUE` unless it is a positive integer. */
export function requirePositive(name: string, value: unknown): void {
  if (!Number.isInteger(value) || (value as number) <= 0) throw invalid(name, 'a positive integer', value)
}

/** Throws OpsinError `NAME` for the first field that is none of the known ones, with the nearest. */
export function requireKnownFields(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownName(where, 'an option', unknown, known)
}

export function invalid(name: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', { where: `attentionOnly: ${name}`, expected, got: JSON.stringify(got) ?? 'nothing' })
}
