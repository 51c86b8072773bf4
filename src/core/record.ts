import { check } from './rule.ts'

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
  return check(where, value, { expected, fits: isRecord })
}

/** Whether an object is no more than its fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && isPlain(Object.getPrototypeOf(value))
}

/** Also where the object comes from another realm, which has a prototype of all objects of its own. */
function isPlain(prototype: object | null): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
