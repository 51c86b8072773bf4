import { check, type OptionTable, type Rule, requireObject } from './check.ts'
import { isRecord } from './record.ts'
import { faultsInside, misfit, schemaOf } from './rule.ts'

export const list: Rule<readonly unknown[]> = { expected: 'an array', fits: Array.isArray, schema: { type: 'array' } }

/** A list of values that fit a rule, without holes. Faults of items with parts are listed one by one. */
export function listOf<T>(rule: Rule<T>, expected: string, least = 0): Rule<readonly T[]> {
  const isLong = (value: unknown) => Array.isArray(value) && value.length >= least
  // `Array.from`, since `every` passes over holes.
  const items = (value: unknown) => Array.from(value as readonly unknown[])
  const flat: Rule<readonly T[]> = {
    expected,
    fits: (value) => isLong(value) && items(value).every((item) => rule.fits(item)),
    schema: { type: 'array', items: schemaOf(rule), ...(least > 0 ? { minItems: least } : {}) },
  }
  if (rule.faults === undefined) return flat
  return {
    ...flat,
    faults: (value) =>
      isLong(value) ? items(value).flatMap((item, i) => faultsInside(i, rule, item)) : [misfit({ expected }, value)],
  }
}

/** A list of so many values, each of which fits a rule of its own. */
export function tupleOf<const T extends readonly unknown[]>(
  rules: { readonly [I in keyof T]: Rule<T[I]> },
  expected: string,
): Rule<T> {
  const all = rules as readonly Rule<unknown>[]
  return {
    expected,
    fits: (value) => Array.isArray(value) && value.length === all.length && all.every((rule, i) => rule.fits(value[i])),
    schema: { type: 'array', prefixItems: all.map(schemaOf), minItems: all.length, maxItems: all.length },
  }
}

/** An object with any names, each of a value that fits a rule. */
export function recordOf<T>(rule: Rule<T>, expected: string): Rule<Readonly<Record<string, T>>> {
  const faults = (value: unknown) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, field]) => faultsInside(name, rule, field))
      : [misfit({ expected }, value)]
  const schema = { type: 'object', additionalProperties: schemaOf(rule) }
  return { expected, faults, fits: (value) => faults(value).length === 0, schema }
}

export const aFunction: Rule<unknown> = { expected: 'a function', fits: (value) => typeof value === 'function' }

export const object: Rule<object> = {
  expected: 'an object',
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value),
  schema: { type: 'object' },
}

/** A rule that users make. */
export const aRule: Rule<Rule<unknown>> = {
  expected: 'a rule, such as those of `rules`',
  fits: (value) => isRecord(value) && typeof value.expected === 'string' && typeof value.fits === 'function',
}

/**
 * Checks an object that users make and we call: a task, a probe. Unlike options it may have a life, and fields, of its
 * own.
 *
 * @throws OpsinError `VALUE` for a value that is no object, and for a field that is missing or does not fit its rule.
 */
export function requireFields(where: string, value: unknown, table: OptionTable): void {
  const object = requireObject(where, value)
  for (const [name, rule] of Object.entries(table)) {
    if (object[name] === undefined && rule.absent) continue
    check(`${where}: ${name}`, object[name], rule)
  }
}
