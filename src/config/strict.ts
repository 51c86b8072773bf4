import { z } from 'zod'
import { OpsinError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

/** An object with these keys and no others; a wrong key is told the nearest right ones. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `Nearest: ${nearest(issue.keys[0], keys).join(', ')}.` : undefined,
  })
}

/** A whole number of at least `min`. */
export function whole(min: number) {
  return z.number().int().min(min)
}

/** What the library itself can check, so that no schema stands beside its rules: its error, at this place of the document. */
export function checkedBy<Schema extends z.ZodType>(schema: Schema, check: (value: z.output<Schema>) => unknown) {
  return schema.check(({ value, issues }) => {
    try {
      check(value)
    } catch (error) {
      if (!(error instanceof OpsinError)) throw error
      issues.push({ code: 'custom', input: value, message: error.message, params: { error } })
    }
  })
}

/** An object of one of several forms, which it chooses itself. It is told what its own form expects, no more. */
export function formBy<Form extends z.ZodType>(choose: (value: object) => Form) {
  return z.unknown().transform((value, { issues }): z.output<Form> => {
    const result = choose(Object(value)).safeParse(value, { reportInput: true })
    if (result.success) return result.data
    issues.push(...(result.error.issues as z.core.$ZodRawIssue[]))
    return z.NEVER
  })
}

/** An object of the form that one of its keys names; of the first form where it does not say. */
export function formByName(key: string, forms: Readonly<Record<string, z.ZodType>>) {
  const names = Object.keys(forms)
  return formBy((value) => {
    const { [key]: name = names[0] } = value as Record<string, unknown>
    return forms[String(name)] ?? z.looseObject({ [key]: z.enum(names) })
  })
}
