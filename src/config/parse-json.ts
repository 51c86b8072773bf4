import type { z } from 'zod'
import { OpsinError } from '../core/errors.ts'
import { duplicateKey } from '../io/json-keys.ts'

/**
 * The document in a JSON text, once it is known to have the schema's form.
 *
 * @param source what to call the text in errors, e.g. its path.
 * @throws OpsinError `FORMAT` for what is no JSON or says a key twice; otherwise naming the first place that does not
 * fit, and after it the others: `NAME` for a key that does not exist, with the nearest that do, `VALUE` for the rest.
 */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string, source: string): z.output<Schema> {
  const result = schema.safeParse(documentOf(text, source), { reportInput: true })
  if (result.success) return result.data
  const [issue, ...others] = result.error.issues.map(innermost)
  if (issue.params?.error) throw within(`${source}: ${pathOf(issue.path)}`, issue.params.error)
  const also = others.map(
    ({ path, keys, message }) => `${pathOf(path)}: ${keys ? `no key ${keys.join(', ')}` : message}`,
  )
  const hints = [...(issue.keys ? [issue.message] : []), ...(also.length > 0 ? [`Also: ${also.join('; ')}.`] : [])]
  throw new OpsinError(issue.keys ? 'NAME' : 'VALUE', {
    where: `${source}: ${pathOf(issue.path)}`,
    expected: issue.keys ? 'only keys that exist here' : expectation(issue),
    got: issue.keys ? issue.keys.map((key) => JSON.stringify(key)).join(', ') : show(issue.input),
    ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
    cause: result.error,
  })
}

function documentOf(text: string, source: string): unknown {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    const what = cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : String(cause)
    throw new OpsinError('FORMAT', { where: source, expected: 'JSON', got: what, cause })
  }
  const twice = duplicateKey(text)
  if (twice === undefined) return document
  throw new OpsinError('FORMAT', { where: source, expected: 'each key once', got: `${JSON.stringify(twice)} twice` })
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly code?: string
  readonly expected?: unknown
  readonly values?: readonly unknown[]
  /** Of those that do not exist. */
  readonly keys?: readonly string[]
  /** Of what the library checked itself. */
  readonly params?: { readonly error?: OpsinError } | undefined
  readonly input?: unknown
  readonly errors?: readonly (readonly Issue[])[]
}

/** What the library found wrong, with its place in the document. */
function within(place: string, cause: OpsinError): OpsinError {
  const { code, where, expected, got, hint } = cause
  const parts = { where: `${place}: ${where}`, expected, got, cause }
  return new OpsinError(code, hint === undefined ? parts : { ...parts, hint })
}

/** Where one of several forms was possible: the complaint of the form that came furthest. */
function innermost(issue: Issue): Issue {
  const branches = issue.errors ?? []
  if (branches.length === 0) return issue
  const deepest = branches.flat().reduce((best, next) => (next.path.length > best.path.length ? next : best))
  if (deepest.path.length === 0 && deepest.code === 'invalid_type') return issue
  return innermost({ ...deepest, path: [...issue.path, ...deepest.path] })
}

function expectation({ code, expected, values, message }: Issue): string {
  if (code === 'invalid_type' && typeof expected === 'string')
    return expected === 'int' ? 'a whole number' : `a value of type ${expected}`
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ')
  return message.replace(/^Invalid input: expected /, '')
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the document'
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('')
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`
}
