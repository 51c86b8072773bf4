import { errorOf, type Fault, faultsOf, type Rule, showPath } from '../core/rule.ts'
import { readJson } from '../io/json.ts'

/**
 * The document in a JSON text, once it is known to fit its rule.
 *
 * @param source the name of the text in errors, e.g. its path.
 * @throws OpsinError `FORMAT` for a value that is no JSON or says a key twice; otherwise naming the first place that does not
 * fit, and after it the others: `NAME` for a key or a kind that does not exist, with the nearest that do, `VALUE` for the rest.
 */
export function parseJson<T>(rule: Rule<T>, text: string, source: string): T {
  const value = readJson(text, source)
  const [first, ...others] = faultsOf(rule, value)
  if (first === undefined) return value as T
  const also = others.length === 0 ? [] : [`Also: ${others.map(inWords).join('; ')}.`]
  const hint = [...(first.hint === undefined ? [] : [first.hint]), ...also].join(' ')
  throw errorOf(`${source}: ${placeOf(first)}`, { ...first, path: [], hint: hint || undefined })
}

function inWords(fault: Fault): string {
  const { expected, got } = fault
  return `${placeOf(fault)}: expected ${expected}, got ${got}`
}

function placeOf({ path }: Fault): string {
  return path.length === 0 ? 'the document' : showPath(path)
}
