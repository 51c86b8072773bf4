import { check, type OptionTable, type Rule, requireObject } from './check.ts'

export const list: Rule<readonly unknown[]> = { expected: 'an array', fits: Array.isArray }

/** A list of what fits a rule, without holes. */
export function listOf<T>(rule: Rule<T>, expected: string): Rule<readonly T[]> {
  // `Array.from`, since `every` passes over holes.
  return { expected, fits: (value) => Array.isArray(value) && Array.from(value).every((item) => rule.fits(item)) }
}

export const aFunction: Rule<unknown> = { expected: 'a function', fits: (value) => typeof value === 'function' }

export const object: Rule<object> = {
  expected: 'an object',
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value),
}

/**
 * Checks an object that users make and we call: a task, a probe. Unlike options it may have a life, and fields, of its
 * own.
 *
 * @throws OpsinError `VALUE` for what is no object, and for a field that is missing or does not fit its rule.
 */
export function requireFields(where: string, value: unknown, table: OptionTable): void {
  const object = requireObject(where, value)
  for (const [name, rule] of Object.entries(table)) {
    if (object[name] === undefined && rule.absent) continue
    check(`${where}: ${name}`, object[name], rule)
  }
}
