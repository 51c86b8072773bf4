import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'

/** The largest counter and seed of `core/rng`. */
export const maxWord = 0xffffffff

/** Gives `value`; throws VALUE unless it is an integer from `min` to `max`. */
export function requireInteger(where: string, value: unknown, min: number, max = maxWord, hint?: string): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
  const expected = max === maxWord ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`
  throw new OpsinError('VALUE', { where, expected, got: String(value), ...(hint && { hint }) })
}

/** Throws NAME for a field that is none of `names`: a misspelt option must not be ignored. */
export function requireKnownFields(where: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) if (!names.includes(name)) throw unknownName(where, 'an option', name, names)
}
