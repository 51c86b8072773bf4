import {
  anything,
  count,
  finite,
  flag,
  fraction,
  integer,
  notNegative,
  oneOf,
  optional,
  orNull,
  positive,
  text,
} from '../core/check.ts'
import { listOf } from '../core/fields.ts'

/**
 * What options may be: a rule each, for the table of a part's options. A value that does not fit is an `OpsinError`.
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
  finite,
  flag,
  fraction,
  integer,
  listOf,
  notNegative,
  oneOf,
  optional,
  orNull,
  positive,
  text,
} as const
