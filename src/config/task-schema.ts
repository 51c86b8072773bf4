import { z } from 'zod'
import type { FeatureOptions } from '../tasks/features.ts'
import { type NamedTask, namedTasks, type TaskName } from '../tasks/table.ts'
import { type ModuleReference, orModule } from './module-schema.ts'
import { fieldsOf } from './rule-schema.ts'
import { checkedBy, formByName, strict } from './strict.ts'

/** The options of a task as a configuration writes them: features are a file's path, or options of the built-in ones. */
type Written<Options> = {
  [Key in keyof Options]: Key extends 'features' ? string | FeatureOptions : Options[Key]
}

type Named<Name extends TaskName> = Written<NonNullable<Parameters<(typeof namedTasks)[Name]['make']>[0]>>

/** The fields of a configuration's task. */
export type TaskConfig =
  | ModuleReference
  | ({ readonly name?: 'few-shot' } & Named<'few-shot'>)
  | { [Name in TaskName]: { readonly name: Name } & Named<Name> }[TaskName]

const names = Object.keys(namedTasks) as TaskName[]
const forms = Object.fromEntries(names.map((name) => [name, formOf(name, namedTasks[name])]))

export const taskSchema = orModule(formByName('name', forms)) as unknown as z.ZodType<TaskConfig>

function formOf(name: TaskName, { rules, nested, make }: NamedTask): z.ZodType {
  const form = strict({ name: z.literal(name).optional(), ...fieldsOf(rules, nested) })
  // Features may have to be read first; what needs none can be made right here, to see whether its options go together.
  return 'features' in rules ? form : checkedBy(form, ({ name: _, ...options }) => make(options))
}
