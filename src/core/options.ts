import { unknownName } from './nearest.ts'
import { isRecord } from './record.ts'
import { errorOf, type Fault, faultOf, faultsInside, misfit, type Rule, schemaOf } from './rule.ts'

/** The rules of a function's options, by name: all there is to know about them. */
export type OptionTable = Readonly<Record<string, Rule<any>>>

/** Options as they are once read: every one there, defaults filled in. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Rule<infer T> ? T : never
}

/** A rule for an option that may be left out. */
export type OptionalRule<T> = Rule<T> & { readonly absent: { readonly value: T } }

/** Options as a caller gives them: a field is optional where the option may be left out. */
export type GivenOptions<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends OptionalRule<any> ? never : Name]: Table[Name] extends Rule<
    infer T
  >
    ? T
    : never
} & {
  readonly [Name in keyof Table as Table[Name] extends OptionalRule<any> ? Name : never]?: Table[Name] extends Rule<
    infer T
  >
    ? T | undefined
    : never
}

/**
 * An object with these fields and no others.
 *
 * @param what a field is called in errors.
 */
export function form<const Table extends OptionTable>(
  table: Table,
  expected = anObjectOf(table),
  what = 'an option',
): Rule<OptionsOf<Table>> {
  const names = Object.keys(table)
  const faults = (value: unknown) => {
    const strangers = strangersIn(value, table, expected, what)
    return isRecord(value) ? [...strangers, ...misfitsIn(value, table)] : strangers
  }
  return {
    expected,
    faults,
    fits: (value) => faults(value).length === 0,
    fill: (value) => fillIn(value as Fields, table),
    schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, schemaOf(table[name])])),
      required: names.filter((name) => table[name].absent === undefined),
      additionalProperties: false,
    },
  }
}

/** The same for an option that may be left out, since all of its fields may be. */
export function optionalForm<const Table extends OptionTable>(table: Table): OptionalRule<OptionsOf<Table>> {
  return { ...form(table), absent: { value: fillIn({}, table) } }
}

/**
 * Reads a function's options by its table: each once, defaults filled in.
 *
 * @throws OpsinError `NAME` for an option that the table does not have, with the nearest; `VALUE` for a value that is no object,
 * for an option that is missing, and for one that does not fit its rule.
 * @example
 * import { readOptions, rules } from 'opsin/extend'
 * const { size } = readOptions('mine', {}, { size: rules.optional(rules.count(9), 3) })
 * console.assert(size === 3)
 */
export function readOptions<const Table extends OptionTable>(
  where: string,
  options: unknown,
  table: Table,
): OptionsOf<Table> {
  const [stranger] = strangersIn(options, table, anObjectOf(table))
  if (stranger !== undefined) throw errorOf(where, stranger)
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, (options as Fields)[name]]))
  const [fault] = misfitsIn(given, table)
  if (fault !== undefined) throw errorOf(where, fault)
  return fillIn(given, table)
}

type Fields = Readonly<Record<string, unknown>>

function anObjectOf(table: OptionTable): string {
  return `an object of options (${Object.keys(table).join(', ')})`
}

/** Fields that the table does not have; the value as a whole, where it is no object. */
function strangersIn(value: unknown, table: OptionTable, expected: string, what = 'an option'): readonly Fault[] {
  if (!isRecord(value)) return [misfit({ expected }, value)]
  const names = Object.keys(table)
  const unknown = Object.keys(value).filter((name) => !names.includes(name))
  return unknown.map((name) => faultOf(unknownName('', what, name, names)))
}

/** Fields that do not fit their rule in the table. */
function misfitsIn(value: Fields, table: OptionTable): readonly Fault[] {
  return Object.entries(table).flatMap(([name, rule]) => {
    const field = value[name]
    return field === undefined && rule.absent ? [] : faultsInside(name, rule, field)
  })
}

function fillIn<Table extends OptionTable>(given: Fields, table: Table): OptionsOf<Table> {
  const filled = Object.entries(table).map(([name, rule]) => {
    const value = given[name]
    if (value === undefined && rule.absent) return [name, rule.absent.value]
    return [name, rule.fill ? rule.fill(value) : value]
  })
  return Object.fromEntries(filled)
}
