import { z } from 'zod'
import type { OptionTable, Rule } from '../core/check.ts'
import { strict } from './strict.ts'

/** The fields of an object of options, by the rules of the library. */
export function fieldsOf(rules: OptionTable, nested: Readonly<Record<string, OptionTable>> = {}): z.ZodRawShape {
  const fields = Object.entries(rules).map(([name, rule]) => {
    const own = Object.hasOwn(nested, name) ? strict(fieldsOf(nested[name])) : fieldOf(rule)
    const field = name === 'features' ? z.union([z.string(), own]) : own
    return [name, rule.absent === undefined ? field : field.optional()]
  })
  return Object.fromEntries(fields)
}

function fieldOf({ expected, fits }: Rule<unknown>): z.ZodType {
  return z.custom(fits, expected)
}
