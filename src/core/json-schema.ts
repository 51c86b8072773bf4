/** A JSON schema of draft 2020-12, or a part of one, as plain JSON. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * A schema as a document: parts with a title stand once, under `$defs`, and are referred to.
 *
 * @param given replacements, by title.
 */
export function schemaDocument(root: JsonSchema, given: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const $defs: Record<string, unknown> = {}
  const shared = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map(shared)
    const { title, description, default: value, ...schema } = part as JsonSchema
    const beside = {
      ...(description === undefined ? {} : { description }),
      ...(value === undefined ? {} : { default: value }),
    }
    if (typeof title !== 'string') return { ...beside, ...withParts(schema) }
    $defs[title] ??= withParts(given[title] ?? schema)
    return { ...beside, $ref: `#/$defs/${encodeURIComponent(title)}` }
  }
  const withParts = (schema: JsonSchema) =>
    Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, shared(part)]))
  const document = withParts(root)
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...document, $defs }
}
