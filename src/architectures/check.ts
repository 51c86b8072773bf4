import { check, type Rule } from '../core/check.ts'
import type { Model } from './define.ts'

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const isFunction = (value: unknown) => typeof value === 'function'

/** What the fields of a model are; what is inside them its architecture has made. */
const fields = {
  architecture: (value: unknown) => typeof value === 'string',
  config: isObject,
  parameters: Array.isArray,
  hookPoints: (value: unknown) => value instanceof Map,
  axisSizes: isObject,
  sizes: isFunction,
  graph: isFunction,
  positions: isFunction,
} satisfies Partial<Record<keyof Model, unknown>>

const aModel: Rule<Model> = {
  expected: 'a model, as attentionOnly makes it',
  fits: (value) =>
    isObject(value) && Object.entries(fields).every(([name, fits]) => fits((value as Record<string, unknown>)[name])),
}

/** Gives a model back. @throws OpsinError `VALUE` for anything else. */
export function requireModel<M extends Model>(where: string, model: M): M {
  check(where, model, aModel)
  return model
}
