import { type OptionsOf, type OptionTable, optional, readOptions, requireRecord } from '../core/check.ts'
import { defined } from '../core/defined.ts'

/**
 * The options in which evaluators differ from training, by the evaluator's name: those that were given.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit the rules.
 */
export function changesOf<const Table extends OptionTable>(
  where: string,
  evaluators: unknown,
  rules: Table,
): Readonly<Record<string, Partial<OptionsOf<Table>>>> {
  const optionals = Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, optional(rule)]))
  return Object.fromEntries(
    Object.entries(requireRecord(`${where}: evaluators`, evaluators, 'options by evaluator')).map(([name, change]) => {
      const read = readOptions(`${where}: evaluators.${name}`, change, optionals)
      return [name, defined(read)]
    }),
  ) as Readonly<Record<string, Partial<OptionsOf<Table>>>>
}
