import { type Rule, text } from './check.ts'
import { either } from './choice.ts'
import { listOf } from './fields.ts'

/** Whether a name fits a glob, in which `*` stands for any characters, none and dots among them. */
export function fitsGlob(glob: string, name: string): boolean {
  const [first, ...rest] = glob.split('*')
  if (rest.length === 0) return name === glob
  const last = rest.pop() as string
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

/** One glob or several. */
export const someGlobs: Rule<string | readonly string[]> = either(
  'the name of a parameter, a glob, or a list of some',
  text,
  listOf(text, 'a list of globs', 1),
)

/** As a list. */
export function globsOf(match: string | readonly string[]): readonly string[] {
  return typeof match === 'string' ? [match] : match
}
