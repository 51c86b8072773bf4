import { type ErrorCode, OpsinError } from './errors.ts'
import type { JsonSchema } from './json-schema.ts'
import { show } from './show.ts'

/** The allowed values: in words, as a test, and as a JSON schema. */
export interface Rule<T> {
  /** Completes "expected …". */
  readonly expected: string
  fits(value: unknown): boolean
  /** Default `VALUE`. */
  readonly code?: ErrorCode
  /** For an option: it may be left out, and then is this. */
  readonly absent?: { readonly value: T }
  /** The same as a JSON schema; its `$comment` names checks that a schema cannot express. Default: anything. */
  readonly schema?: JsonSchema
  /** For a value with parts: all its faults, each at its own place. */
  faults?(value: unknown): readonly Fault[]
  /** For a value with options of its own that fits: the same, with their defaults. */
  fill?(value: unknown): T
}

/** One thing that is wrong with a value. */
export interface Fault {
  /** Where in the value. */
  readonly path: Path
  readonly code: ErrorCode
  /** Where else, in the words of whoever found it. */
  readonly where?: string
  readonly expected: string
  readonly got: string
  readonly hint?: string | undefined
  /** The name of a check that a schema cannot express. */
  readonly beyond?: string
}

export type Path = readonly (string | number)[]

/** All faults of a value; none where it fits. */
export function faultsOf(rule: Rule<any>, value: unknown): readonly Fault[] {
  if (rule.faults !== undefined) return rule.faults(value)
  return rule.fits(value) ? [] : [misfit(rule, value)]
}

/** The value as a whole is at fault. */
export function misfit({ expected, code = 'VALUE' }: Pick<Rule<any>, 'expected' | 'code'>, value: unknown): Fault {
  return { path: [], code, expected, got: show(value) }
}

/** The faults of a part, as those of the whole. */
export function faultsInside(key: string | number, rule: Rule<any>, value: unknown): Fault[] {
  return faultsOf(rule, value).map((fault) => ({ ...fault, path: [key, ...fault.path] }))
}

/** An error as a fault. */
export function faultOf({ code, where, expected, got, hint }: OpsinError, path: Path = []): Fault {
  return { path, code, ...(where === '' ? {} : { where }), expected, got, hint }
}

/** A fault as an error, of the value that stands at this place. */
export function errorOf(where: string, { path, where: inside, code, expected, got, hint }: Fault): OpsinError {
  const place = path.length === 0 ? where : `${where}${separator(where, path[0])}${showPath(path)}`
  const parts = { where: inside === undefined ? place : `${place}: ${inside}`, expected, got }
  return new OpsinError(code, hint === undefined ? parts : { ...parts, hint })
}

/** Between the name of a place and a path from there: a place inside a value is itself the beginning of a path. */
function separator(where: string, first: string | number): string {
  if (typeof first === 'number') return ''
  return where.includes(': ') || /[\])]$/.test(where) ? '.' : ': '
}

/** `task.heldOutLabels[2]` */
export function showPath(path: Path): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${key}`)).join('')
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
  const [fault] = faultsOf(rule, value)
  throw errorOf(where, { ...fault, hint: fault.hint ?? hint })
}

/** The rule's schema, with its default, and with its words unless it is a single value. */
export function schemaOf({ schema = {}, expected, absent }: Rule<any>): JsonSchema {
  const words = 'const' in schema ? {} : { description: expected }
  return { ...words, ...schema, ...(absent?.value === undefined ? {} : { default: absent.value }) }
}
