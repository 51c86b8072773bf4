import { form, optional, type Rule, text } from '../core/check.ts'
import { chosen, titled } from '../core/choice.ts'
import { object } from '../core/fields.ts'

/** A value made by a user's module: a file, the name of its exported function, and the function's options. */
export interface ModuleReference {
  readonly module: string
  /** Default the default export. */
  readonly export?: string
  readonly options?: Readonly<Record<string, unknown>>
}

export const moduleTitle = 'module'

export const aModule: Rule<any> = titled(
  moduleTitle,
  form(
    {
      module: { ...text, expected: 'the path of a module, a string' },
      export: optional({ ...text, expected: 'the name of a function that it exports, a string' }, 'default'),
      options: optional({ ...object, expected: 'the options that this function is called with, an object' }, {}),
    },
    'a module {"module": …}',
  ),
)

/** Either a reference to a module, or another value. */
export function orModule<T>(rule: Rule<T>): Rule<ModuleReference | T> {
  return chosen<ModuleReference | T>(`${rule.expected}, or one that a module makes`, [rule, aModule], (value) =>
    isReference(value) ? aModule : rule,
  )
}

export function isReference(value: unknown): value is ModuleReference {
  return typeof value === 'object' && value !== null && 'module' in value
}
