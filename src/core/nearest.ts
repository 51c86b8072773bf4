import { distance } from 'fastest-levenshtein'
import { OpsinError } from './errors.ts'
import { show } from './show.ts'

/** The cost of leaving out the front of a name: `v` for `blocks.0.attn.v`. Less than any typing error. */
const LEFT_OUT = 0.1

/** No name is longer; further characters do not help to find the intended one. */
const LONGEST = 100

/**
 * The (at most `count`) names closest to `name`, best first: by edit distance, word by word, where words may be left
 * out, or of the whole, where the dots between words are wrong. The `hook_` prefix of TransformerLens does not count.
 */
export function nearest(name: string, names: readonly string[], count = 3): string[] {
  const words = wordsOf(name)
  const far = (other: string[]) => Math.min(wordDistance(words, other), distance(words.join(''), other.join('')))
  const ranked = names.map((candidate) => ({ candidate, d: far(wordsOf(candidate)) }))
  ranked.sort((a, b) => a.d - b.d)
  return ranked.slice(0, count).map(({ candidate }) => candidate)
}

function wordsOf(name: string): string[] {
  const words = name.slice(0, LONGEST).split(/[./()_]/)
  return words.filter((word) => word !== '' && word !== 'hook')
}

/** The cheapest way from the words said to a candidate's: words corrected, words too many, words left out. */
function wordDistance(said: readonly string[], candidate: readonly string[]): number {
  let row = candidate.map((_, i) => (i + 1) * LEFT_OUT)
  let corner = 0
  for (const word of said) {
    let diagonal = corner
    corner += word.length
    let left = corner
    row = row.map((above, i) => {
      left = Math.min(diagonal + distance(word, candidate[i]), above + word.length, left + LEFT_OUT)
      diagonal = above
      return left
    })
  }
  return row[row.length - 1] ?? corner
}

/** The error for a name that is not one of `names`: it lists the nearest that are. */
export function unknownName(where: string, what: string, name: unknown, names: readonly string[]): OpsinError {
  const close = typeof name === 'string' ? nearest(name, names) : names
  return new OpsinError('NAME', {
    where,
    expected: what,
    got: show(name),
    hint: close.length > 0 ? `Nearest: ${close.slice(0, 10).join(', ')}.` : 'There are none here.',
  })
}

/** The entry of a table under a name. @throws OpsinError `NAME` with the nearest names, unless it is a name of the table. */
export function named<Value>(
  where: string,
  what: string,
  name: unknown,
  table: Readonly<Record<string, Value>>,
): Value {
  if (typeof name === 'string' && Object.hasOwn(table, name)) return table[name]
  throw unknownName(where, what, name, Object.keys(table))
}

/** Throws for the first field of an object that is none of the known ones, with the nearest. */
export function requireKnownFields(where: string, what: string, object: object, known: readonly string[]): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownName(where, what, unknown, known)
}
