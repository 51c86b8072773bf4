import { OpsinError } from '../core/errors.ts'
import { requireKnownFields } from '../core/nearest.ts'

/** What an option may be: in words that complete "expected …", and as a test. */
type Kind = readonly [expected: string, fits: (value: unknown) => boolean]

export const text: Kind = ['a string', (value) => typeof value === 'string']
export const flag: Kind = ['true or false', (value) => typeof value === 'boolean']
export const size: Kind = ['a positive number', (value) => Number.isFinite(value) && Number(value) > 0]
export const list: Kind = ['a list', Array.isArray]
export const index: Kind = ['an integer of at least 0', (value) => Number.isInteger(value) && Number(value) >= 0]
export const columns: Kind = ['an integer of at least 2', (value) => Number.isInteger(value) && Number(value) >= 2]
export const object: Kind = ['an object', (value) => typeof value === 'object' && value !== null]

export function oneOf(...names: readonly string[]): Kind {
  return [names.map((name) => JSON.stringify(name)).join(' or '), (value) => names.includes(String(value))]
}

/**
 * Checks the options of a figure against all that there are.
 *
 * @throws OpsinError `NAME` for an option that the figure does not have, with the nearest; `VALUE` for one that is no such
 * thing.
 */
export function checkOptions<Options extends object>(
  figure: string,
  options: Options,
  kinds: { readonly [Name in keyof Options]-?: Kind },
): void {
  check(`${figure}: options`, options, object)
  requireKnownFields(figure, 'an option', options, Object.keys(kinds))
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) check(`${figure}: ${name}`, value, kinds[name as keyof Options])
  }
}

function check(where: string, value: unknown, [expected, fits]: Kind): void {
  if (fits(value)) return
  const got = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing')
  throw new OpsinError('VALUE', { where, expected, got: got.slice(0, 80) })
}
