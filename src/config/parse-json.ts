import type { z } from 'zod'
import { OpsinError, within } from '../core/errors.ts'
import { show } from '../core/show.ts'
import { readJson } from '../io/json.ts'

/**
 * The document in a JSON text, once it is known to have the schema's form.
 *
 * @param source what to call the text in errors, e.g. its path.
 * @throws OpsinError `FORMAT` for what is no JSON or says a key twice; otherwise naming the first place that does not
 * fit, and after it the others: `NAME` for a key that does not exist, with the nearest that do, `VALUE` for the rest.
 */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string, source: string): z.output<Schema> {
  const result = schema.safeParse(readJson(text, source), { reportInput: true })
  if (result.success) return result.data
  const [issue, ...others] = result.error.issues.map(innermost)
  if (issue.params?.error) throw within(`${source}: ${pathOf(issue.path)}`, issue.params.error)
  const also = others.map(
    (other) => `${pathOf(other.path)}: ${other.keys ? `no key ${other.keys.join(', ')}` : expectation(other)}`,
  )
  const hints = [...(issue.keys ? [issue.message] : []), ...(also.length > 0 ? [`Also: ${also.join('; ')}.`] : [])]
  throw new OpsinError(issue.keys ? 'NAME' : 'VALUE', {
    where: `${source}: ${pathOf(issue.path)}`,
    expected: issue.keys ? 'only keys that exist here' : expectation(issue),
    got: issue.keys ? issue.keys.map((key) => JSON.stringify(key)).join(', ') : show(gotOf(issue)),
    ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
    cause: result.error,
  })
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly code?: string
  /** The type, where another came. */
  readonly expected?: unknown
  /** The values that are possible. */
  readonly values?: readonly unknown[]
  /** The kinds that are possible, where one key decides which form an object has. */
  readonly options?: readonly unknown[]
  /** The type that has a limit, and its limit. */
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  /** Of those that do not exist. */
  readonly keys?: readonly string[]
  /** Of what the library checked itself. */
  readonly params?: { readonly error?: OpsinError } | undefined
  readonly input?: unknown
  readonly errors?: readonly (readonly Issue[])[]
}

/** Where one of several forms was possible: the complaint of the form that came furthest. */
function innermost(issue: Issue): Issue {
  const branches = issue.errors ?? []
  if (branches.length === 0) return issue
  const deepest = branches.flat().reduce((best, next) => (next.path.length > best.path.length ? next : best))
  if (deepest.path.length === 0 && deepest.code === 'invalid_type') return issue
  return innermost({ ...deepest, path: [...issue.path, ...deepest.path] })
}

/** What came: where one key decides the form, that key. */
function gotOf({ input, options, path }: Issue): unknown {
  return options === undefined ? input : (input as Record<PropertyKey, unknown>)[path[path.length - 1]]
}

/** Completes "expected …", from what an issue says of itself: its message is a sentence of its own. */
function expectation(issue: Issue): string {
  const { code, expected, values = issue.options, origin, minimum, maximum } = issue
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ')
  if (code === 'invalid_type') return typeOf(expected)
  if (code === 'invalid_union') return [...new Set(issue.errors?.flat().map(expectation))].join(' or ')
  if (code === 'too_small') return `${typeOf(origin)} of at least ${minimum}${unitOf(origin)}`
  if (code === 'too_big') return `${typeOf(origin)} of at most ${maximum}${unitOf(origin)}`
  return issue.message
}

/** The words for the types that a schema names. */
const types: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function typeOf(type: unknown): string {
  return types[String(type)] ?? `a value of type ${type}`
}

function unitOf(type: unknown): string {
  if (type === 'string') return ' characters'
  return type === 'number' || type === 'int' ? '' : ' items'
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the document'
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('')
}
