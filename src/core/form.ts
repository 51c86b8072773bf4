import { OpsinError } from './errors.ts'
import { requireKnownFields } from './nearest.ts'

/** What a value must be: in words, and as a test. */
export interface Form {
  readonly expected: string
  readonly required?: boolean
  holds(value: unknown): boolean
}

/** The form of each field of an object of options: their one list. */
export type Forms<Options> = Readonly<Record<keyof Options & string, Form>>

export const positiveInteger = form('a positive integer', (value) => Number.isInteger(value) && (value as number) > 0)
export const positiveNumber = form('a positive number', (value) => Number.isFinite(value) && (value as number) > 0)
export const text = form('a name', (value) => typeof value === 'string')
export const list = form('an array', Array.isArray)
export const aFunction = form('a function', (value) => typeof value === 'function')

export function form(expected: string, holds: (value: unknown) => boolean): Form {
  return { expected, holds }
}

export function required(one: Form): Form {
  return { ...one, required: true }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Throws unless it is an object with no fields but these, each in its form.
 *
 * @throws OpsinError `NAME` for an unknown field, with the nearest; `VALUE` for one that is missing or of another form.
 */
export function requireOptions<Options>(where: string, options: Options, forms: Forms<Options>): void {
  if (!isObject(options)) throw wrong(where, 'an object of options', options)
  requireKnownFields(where, 'an option', options, Object.keys(forms))
  requireForms(where, options, forms as Readonly<Record<string, Form>>)
}

/** The same of an object that may have further fields: one that users write, with a life of its own. */
export function requireForms(where: string, value: unknown, forms: Readonly<Record<string, Form>>): void {
  if (!isObject(value)) throw wrong(where, 'an object', value)
  for (const [name, { expected, required, holds }] of Object.entries(forms)) {
    const field = value[name]
    if (field === undefined ? required : !holds(field)) throw wrong(`${where}: ${name}`, expected, field)
  }
}

function wrong(where: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', { where, expected, got: show(got) })
}

/** A value in an error, as JSON where it has such a form. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return String(value)
  try {
    const text = JSON.stringify(value) ?? typeof value
    return text.length <= 80 ? text : `${text.slice(0, 80)}…`
  } catch {
    return typeof value
  }
}
