import { oneOf, optional } from './check.ts'
import { OpsinError } from './errors.ts'
import { unknownName } from './nearest.ts'
import { form, type OptionTable } from './options.ts'
import { isRecord } from './record.ts'
import { type Fault, faultOf, faultsOf, misfit, type Rule, schemaOf } from './rule.ts'

/** A value that fits one of several rules; the value itself chooses which. */
export function chosen<T>(expected: string, rules: readonly Rule<T>[], choose: (value: unknown) => Rule<T>): Rule<T> {
  return {
    expected,
    fits: (value) => choose(value).fits(value),
    faults: (value) => faultsOf(choose(value), value),
    fill: (value) => choose(value).fill?.(value) ?? (value as T),
    schema: { anyOf: rules.map(schemaOf) },
  }
}

/** A value that fits one of several rules. Where the intended rule is clear, errors are those of that rule. */
export function either<const Rules extends readonly Rule<any>[]>(
  expected: string,
  ...rules: Rules
): Rule<Rules[number] extends Rule<infer T> ? T : never> {
  const none = { expected, fits: () => false }
  return chosen<any>(expected, rules, (value) => {
    const fitting = rules.find((rule) => rule.fits(value))
    if (fitting !== undefined) return fitting
    const meant = rules.filter((rule) => faultsOf(rule, value).every(isInside))
    return meant.length === 1 ? meant[0] : none
  })
}

/** Rather than of the whole. */
function isInside({ path, code, beyond }: Fault): boolean {
  return path.length > 0 || code === 'NAME' || beyond !== undefined
}

/**
 * An object with one of several sets of options, which one of its fields names.
 *
 * @param key of the field.
 * @param what it names, for errors: `a probe`.
 * @param kinds each with the rules of its options, by name.
 * @param standard the default name.
 */
export function kindOf<T = any>(
  key: string,
  what: string,
  kinds: Readonly<Record<string, { readonly table: OptionTable }>>,
  standard?: string,
): Rule<T> {
  const expected = `${what} {"${key}": …}`
  const rules = Object.entries(kinds).map(([name, { table }]) => {
    const named = name === standard ? optional(oneOf(name), name) : oneOf(name)
    return [name, form({ [key]: named, ...table }, expected)] as const
  })
  const byName = Object.fromEntries(rules) as Readonly<Record<string, Rule<any>>>
  return chosen(expected, Object.values(byName), (value) => {
    if (!isRecord(value)) return { expected, fits: () => false }
    const { [key]: name = standard } = value
    if (typeof name === 'string' && Object.hasOwn(byName, name)) return byName[name]
    return failing([faultOf(unknownName('', what, name, Object.keys(byName)), [key])])
  })
}

/** A rule that nothing fits, and why not. */
export function failing(faults: readonly Fault[]): Rule<any> {
  return { expected: faults[0].expected, fits: () => false, faults: () => faults }
}

/** A value that fits a rule and passes a test that a schema cannot express: `comment` names it there. */
export function such<T>(rule: Rule<T>, test: (value: T) => boolean, comment: string): Rule<T> {
  return refined(rule, comment, (value) => (test(value as T) ? [] : [misfit(rule, value)]))
}

/** A value that fits a rule and a function that throws OpsinErrors; `comment` names its checks that a schema cannot express. */
export function also<T>(rule: Rule<T>, work: (value: T) => unknown, comment?: string): Rule<T> {
  return refined(rule, comment, (value) => {
    try {
      work(value as T)
      return []
    } catch (error) {
      if (error instanceof OpsinError) return [faultOf(error)]
      throw error
    }
  })
}

function refined<T>(rule: Rule<T>, comment: string | undefined, more: (value: unknown) => readonly Fault[]): Rule<T> {
  const faults = (value: unknown) => {
    const own = faultsOf(rule, value)
    return own.length > 0
      ? own
      : more(value).map((fault) => (comment === undefined ? fault : { ...fault, beyond: comment }))
  }
  const schema = comment === undefined ? rule.schema : { ...rule.schema, $comment: unsaid(comment) }
  return { ...rule, faults, fits: (value) => faults(value).length === 0, ...(schema && { schema }) }
}

/** The note in a schema for a check that it cannot express. */
export function unsaid(comment: string): string {
  return `Not said here: ${comment}.`
}

/** The same rule under a title: its schema stands once, wherever it is used. */
export function titled<T>(title: string, rule: Rule<T>): Rule<T> {
  return { ...rule, schema: { title, ...rule.schema } }
}
