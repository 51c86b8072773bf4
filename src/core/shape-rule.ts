import { integer, type Rule } from './check.ts'
import { listOf } from './fields.ts'
import { isShape, type Shape } from './shape.ts'

const sizes = listOf(integer(0, Number.MAX_SAFE_INTEGER), 'sizes')

/** A list of sizes. */
export const aShape: Rule<Shape> = { expected: 'a shape', fits: isShape, schema: { ...sizes.schema } }
