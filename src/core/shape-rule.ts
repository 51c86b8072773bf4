import { integer, type Rule } from './check.ts'
import { such } from './choice.ts'
import { listOf } from './fields.ts'
import { isShape, type Shape } from './shape.ts'

/** A list of sizes. */
export const aShape: Rule<Shape> = such(
  listOf(integer(0, Number.MAX_SAFE_INTEGER), 'a shape'),
  isShape,
  'the sizes of a shape multiply to a whole number that can be told from the next',
)
