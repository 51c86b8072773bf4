import { check, count, type Rule } from '../core/check.ts'
import { listOf } from '../core/fields.ts'
import { isShape } from '../core/shape.ts'
import type { Model } from './define.ts'

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const isFunction = (value: unknown) => typeof value === 'function'

const isReadout = (value: unknown) =>
  isObject(value) &&
  typeof (value as { logits?: unknown }).logits === 'string' &&
  count(2 ** 24).fits((value as { outputs?: unknown }).outputs)

const aSpec: Rule<Model['parameters'][number]> = {
  expected: 'a parameter',
  fits: (it) =>
    isObject(it) && typeof (it as { name?: unknown }).name === 'string' && isShape((it as { shape?: unknown }).shape),
}

/** Rules of the fields of a model; their contents come from its architecture. */
const fields = {
  architecture: (value: unknown) => typeof value === 'string',
  config: isObject,
  parameters: listOf(aSpec, 'parameters').fits,
  hookPoints: (value: unknown) => value instanceof Map,
  readouts: (value: unknown) => isObject(value) && Object.values(value as object).every(isReadout),
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
