import { formatError, quote } from './format-error.ts'

/** Deeper than any document of ours; a few thousand would overflow the stack of a recursive reader. */
const DEEPEST = 100

/**
 * The value that a JSON text says.
 *
 * @param where what to call the text in an error.
 * @throws OpsinError `FORMAT` for a value that is no JSON, for a key that occurs twice in one object (`JSON.parse` keeps the last
 *   of them in silence) and for what is nested deeper than any document of opsin.
 */
export function readJson(text: string, where: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw formatError(where, 'JSON', complaint(cause), undefined, cause)
  }
  checkObjects(text, where)
  return value
}

/** The parser's message, on one line; it quotes the place. */
function complaint(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
}

/** Goes through a valid JSON text once, from left to right, in time that is linear in its length. */
function checkObjects(text: string, where: string): void {
  /** The keys so far of each object that is open; none for a list. */
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '{' || char === '[') {
      if (open.length === DEEPEST) throw formatError(where, `JSON nested at most ${DEEPEST} deep`, 'deeper')
      open.push(char === '{' ? new Set() : undefined)
    } else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const end = endOfString(text, i)
      const keys = open[open.length - 1]
      if (keys !== undefined && isFollowedByColon(text, end)) {
        const key: string = JSON.parse(text.slice(i, end))
        if (keys.has(key)) throw formatError(where, 'each key once', `${quote(key)} twice`)
        keys.add(key)
      }
      i = end - 1
    }
  }
}

/** Where the string that starts here has ended: after the first quote with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end + 1
  }
}

function isFollowedByColon(text: string, from: number): boolean {
  let i = from
  while (' \t\n\r'.includes(text[i])) i++
  return text[i] === ':'
}
