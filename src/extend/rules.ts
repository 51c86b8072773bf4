import {
  anything,
  count,
  finite,
  flag,
  form,
  fraction,
  integer,
  matching,
  notNegative,
  oneOf,
  optional,
  orNull,
  positive,
  text,
} from '../core/check.ts'
import { either, such } from '../core/choice.ts'
import { listOf } from '../core/fields.ts'

/**
 * What options may be: a rule each, for the table of a part's options or the fields of a source. A value that does not fit is an
 * `OpsinError`, and a JSON schema of the options follows from the rules.
 *
 * @example
 * import { defineNorm, rules } from 'opsin/extend'
 * const scaled = defineNorm('me/scaled', { by: rules.optional(rules.positive, 2) }, ({ by }) => ({
 *   points: () => ({}),
 *   parameters: () => [],
 *   emit: (place, x) => place.op('multiply', [x, place.op('constant', [], { shape: [1, 1, 1], value: by })]),
 * }))
 * console.assert(scaled().options.by === 2)
 */
export const rules = {
  anything,
  count,
  either,
  finite,
  flag,
  form,
  fraction,
  integer,
  listOf,
  matching,
  notNegative,
  oneOf,
  optional,
  orNull,
  positive,
  such,
  text,
} as const
