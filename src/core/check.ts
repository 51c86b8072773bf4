import type { OptionalRule } from './options.ts'
import { type Rule, schemaOf } from './rule.ts'

export {
  form,
  type GivenOptions,
  type OptionalRule,
  type OptionsOf,
  type OptionTable,
  optionalForm,
  readOptions,
} from './options.ts'
export { requireObject, requireRecord } from './record.ts'
export { check, type Rule } from './rule.ts'

/** An option that may be left out: it is `value` then, or stays undefined. */
export function optional<T>(rule: Rule<T>): OptionalRule<T | undefined>
export function optional<T, const D>(rule: Rule<T>, value: D): OptionalRule<T | D>
export function optional<T>(rule: Rule<T>, value?: T): OptionalRule<T | undefined> {
  return { ...rule, absent: { value } }
}

export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return {
    expected: `${rule.expected}, or null`,
    fits: (value) => value === null || rule.fits(value),
    schema: { anyOf: [schemaOf(rule), { const: null }] },
  }
}

/** The largest counter and seed of `core/rng`. */
export const maxWord = 0xffffffff

export function integer(min: number, max = maxWord): Rule<number> {
  const expected = max === maxWord ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`
  return {
    expected,
    fits: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    schema: { type: 'integer', minimum: min, maximum: max },
  }
}

/** A positive integer. */
export function count(max: number): Rule<number> {
  return { ...integer(1, max), expected: `a positive integer of at most ${max}` }
}

export const seed = integer(0)

export const positive: Rule<number> = {
  expected: 'a positive number',
  fits: (value) => Number.isFinite(value) && Number(value) > 0,
  schema: { type: 'number', exclusiveMinimum: 0 },
}

export const notNegative: Rule<number> = {
  expected: 'a number of 0 or more',
  fits: (value) => Number.isFinite(value) && Number(value) >= 0,
  schema: { type: 'number', minimum: 0 },
}

export const finite: Rule<number> = { expected: 'a finite number', fits: Number.isFinite, schema: { type: 'number' } }

/** A share of a whole. */
export const fraction: Rule<number> = {
  expected: 'a number from 0 to 1',
  fits: (value) => notNegative.fits(value) && Number(value) <= 1,
  schema: { type: 'number', minimum: 0, maximum: 1 },
}

export const belowOne: Rule<number> = {
  expected: 'a number from 0 to below 1',
  fits: (value) => notNegative.fits(value) && Number(value) < 1,
  schema: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
}

export const flag: Rule<boolean> = {
  expected: 'true or false',
  fits: (value) => typeof value === 'boolean',
  schema: { type: 'boolean' },
}

export const text: Rule<string> = {
  expected: 'a string',
  fits: (value) => typeof value === 'string',
  schema: { type: 'string' },
}

/** A string of a form. */
export function matching(pattern: RegExp, expected: string): Rule<string> {
  return {
    expected,
    fits: (value) => text.fits(value) && pattern.test(value as string),
    schema: { type: 'string', pattern: pattern.source },
  }
}

export function oneOf<const Name extends string | number | boolean>(...names: readonly Name[]): Rule<Name> {
  return {
    expected: names.join(' | '),
    fits: (value) => names.includes(value as Name),
    schema: names.length === 1 ? { const: names[0] } : { enum: names },
  }
}

/** Any value but undefined: for an option that is checked where it is used. */
export const anything: Rule<unknown> = { expected: 'a value', fits: (value) => value !== undefined }

/** For an option that others of its kind have. */
export function nothing(expected: string): Rule<undefined> {
  return { expected, fits: (value) => value === undefined, schema: { not: {} } }
}
