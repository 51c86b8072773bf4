import { type ErrorCode, OpsinError } from './errors.ts'
import { requireKnownFields } from './nearest.ts'
import { show } from './show.ts'

/** What a value may be: in words, and as a test. */
export interface Rule<T> {
  /** Completes "expected …". */
  readonly expected: string
  fits(value: unknown): boolean
  /** Default `VALUE`. */
  readonly code?: ErrorCode
  /** For an option: it may be left out, and then is this. */
  readonly absent?: { readonly value: T }
}

/**
 * Gives the value back. @throws OpsinError `VALUE`, or the rule's code, unless it fits.
 * @example
 * import { check, rules } from 'opsin/extend'
 * const rate = check('mine: rate', 0.5, rules.positive)
 * console.assert(rate === 0.5)
 */
export function check<T>(where: string, value: unknown, rule: Rule<T>, hint?: string): T {
  if (rule.fits(value)) return value as T
  throw new OpsinError(rule.code ?? 'VALUE', {
    where,
    expected: rule.expected,
    got: show(value),
    ...(hint === undefined ? {} : { hint }),
  })
}

/** The rules of a function's options, by name: all there is to know about them. */
export type OptionTable = Readonly<Record<string, Rule<any>>>

/** Options as they are once read: every one there, defaults filled in. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Rule<infer T> ? T : never
}

/** A rule for an option that may be left out. */
export type OptionalRule<T> = Rule<T> & { readonly absent: { readonly value: T } }

/** Options as a caller gives them: a field is optional where the option may be left out. */
export type GivenOptions<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends OptionalRule<any> ? never : Name]: Table[Name] extends Rule<
    infer T
  >
    ? T
    : never
} & {
  readonly [Name in keyof Table as Table[Name] extends OptionalRule<any> ? Name : never]?: Table[Name] extends Rule<
    infer T
  >
    ? T | undefined
    : never
}

/**
 * Reads a function's options by its table: each once, defaults filled in.
 *
 * @throws OpsinError `NAME` for an option that the table does not have, with the nearest; `VALUE` for what is no object,
 * for an option that is missing, and for one that does not fit its rule.
 * @example
 * import { readOptions, rules } from 'opsin/extend'
 * const { size } = readOptions('mine', {}, { size: rules.optional(rules.count(9), 3) })
 * console.assert(size === 3)
 */
export function readOptions<const Table extends OptionTable>(
  where: string,
  options: unknown,
  table: Table,
): OptionsOf<Table> {
  const names = Object.keys(table)
  const given = requireRecord(where, options, `an object of options (${names.join(', ')})`)
  requireKnownFields(where, 'an option', given, names)
  const place = where.includes(': ') ? `${where}.` : `${where}: `
  const values = names.map((name) => {
    const { absent } = table[name]
    const value = given[name]
    return [name, value === undefined && absent ? absent.value : check(place + name, value, table[name])]
  })
  return Object.fromEntries(values)
}

/** Gives an object back. @throws OpsinError `VALUE` for anything else, arrays among them. */
export function requireObject(
  where: string,
  value: unknown,
  expected = 'an object',
): Readonly<Record<string, unknown>> {
  return check(where, value, { expected, fits: isObject })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

/**
 * Gives an object back that is no more than its fields. A `Map`, a `Date` or a boxed number has none, and would seem to
 * leave them all out.
 *
 * @throws OpsinError `VALUE` for anything else.
 */
export function requireRecord(where: string, value: unknown, expected: string): Readonly<Record<string, unknown>> {
  return check(where, value, { expected, fits: (it) => isObject(it) && isPlain(Object.getPrototypeOf(it)) })
}

/** Also where the object comes from another realm, which has a prototype of all objects of its own. */
function isPlain(prototype: object | null): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** An option that may be left out: it is `value` then, or stays undefined. */
export function optional<T>(rule: Rule<T>): OptionalRule<T | undefined>
export function optional<T, const D>(rule: Rule<T>, value: D): OptionalRule<T | D>
export function optional<T>(rule: Rule<T>, value?: T): OptionalRule<T | undefined> {
  return { ...rule, absent: { value } }
}

export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return { ...rule, expected: `${rule.expected}, or null`, fits: (value) => value === null || rule.fits(value) }
}

/** The largest counter and seed of `core/rng`. */
export const maxWord = 0xffffffff

export function integer(min: number, max = maxWord): Rule<number> {
  const expected = max === maxWord ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`
  return { expected, fits: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max }
}

/** A positive integer. */
export function count(max: number): Rule<number> {
  return { ...integer(1, max), expected: `a positive integer of at most ${max}` }
}

export const seed = integer(0)

export const positive: Rule<number> = {
  expected: 'a positive number',
  fits: (value) => Number.isFinite(value) && Number(value) > 0,
}

export const notNegative: Rule<number> = {
  expected: 'a number of 0 or more',
  fits: (value) => Number.isFinite(value) && Number(value) >= 0,
}

export const finite: Rule<number> = { expected: 'a finite number', fits: Number.isFinite }

/** A share of a whole. */
export const fraction: Rule<number> = {
  expected: 'a number from 0 to 1',
  fits: (value) => notNegative.fits(value) && Number(value) <= 1,
}

export const belowOne: Rule<number> = {
  expected: 'a number from 0 to below 1',
  fits: (value) => notNegative.fits(value) && Number(value) < 1,
}

export const flag: Rule<boolean> = { expected: 'true or false', fits: (value) => typeof value === 'boolean' }

export const text: Rule<string> = { expected: 'a string', fits: (value) => typeof value === 'string' }

export function oneOf<const Name extends string>(...names: readonly Name[]): Rule<Name> {
  return { expected: names.join(' | '), fits: (value) => names.includes(value as Name) }
}

/** Anything that was given: for an option that is checked by what it is handed to. */
export const anything: Rule<unknown> = { expected: 'a value', fits: (value) => value !== undefined }
