import { distance } from 'fastest-levenshtein'
import { OpsinError } from './errors.ts'

/** The (at most `count`) names closest to `name` by edit distance, best first. */
export function nearest(name: string, names: readonly string[], count = 3): string[] {
  const ranked = names.map((candidate) => ({ candidate, d: distance(name, candidate) }))
  ranked.sort((a, b) => a.d - b.d)
  return ranked.slice(0, count).map(({ candidate }) => candidate)
}

/** The error for a name that is not one of `names`: it lists the nearest that are. */
export function unknownName(where: string, what: string, name: string, names: readonly string[]): OpsinError {
  const close = nearest(name, names)
  return new OpsinError('NAME', {
    where,
    expected: what,
    got: JSON.stringify(name),
    hint: close.length > 0 ? `Nearest: ${close.join(', ')}.` : 'There are none here.',
  })
}

/** Throws for the first field of an object that is none of the known ones, with the nearest. */
export function requireKnownFields(where: string, what: string, object: object, known: readonly string[]): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownName(where, what, unknown, known)
}
