/** A JSON schema of draft 2020-12, or a part of one, as plain JSON. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * A whole document of a schema: parts with a title stand once, under `$defs`, and are referred to.
 *
 * @param id what the schema is called from elsewhere.
 */
export function schemaDocument(id: string, root: JsonSchema): JsonSchema {
  const $defs: Record<string, unknown> = {}
  const shared = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map(shared)
    const inside = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shared(value)]))
    const { title, description, default: value, ...schema } = inside
    if (typeof title !== 'string') return inside
    $defs[title] = schema
    return { $ref: `#/$defs/${title}`, ...(description ? { description } : {}), ...(value ? { default: value } : {}) }
  }
  const { title: _, ...document } = root
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id,
    ...(shared(document) as object),
    $defs,
  }
}
