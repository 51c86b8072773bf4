import { z } from 'zod'
import { formBy, strict } from './strict.ts'

/** What a module of the user's own makes: a file, the name of its exported function, and what that is called with. */
export interface ModuleReference {
  readonly module: string
  /** Default the default export. */
  readonly export?: string
  readonly options?: Readonly<Record<string, unknown>>
}

export const moduleSchema = strict({
  module: z.string(),
  export: z.string().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
})

/** Either a reference to a module, or what else may stand there. */
export function orModule<Schema extends z.ZodType>(schema: Schema) {
  return formBy((value) => (Object.hasOwn(value, 'module') ? moduleSchema : schema)) as unknown as z.ZodType<
    ModuleReference | z.output<Schema>
  >
}

export function isReference(value: unknown): value is ModuleReference {
  return typeof value === 'object' && value !== null && 'module' in value
}
