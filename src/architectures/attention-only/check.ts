import { OpsinError } from '../../core/errors.ts'

/** Throws OpsinError `VALUE` unless it is a positive integer. */
export function requirePositive(name: string, value: unknown): void {
  if (!Number.isInteger(value) || (value as number) <= 0) throw invalid(name, 'a positive integer', value)
}

export function invalid(name: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', { where: `attentionOnly: ${name}`, expected, got: JSON.stringify(got) ?? 'nothing' })
}
