import { form, type OptionsOf, type OptionTable, optional } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { recordOf } from '../core/fields.ts'

type Changes<Table extends OptionTable> = Readonly<Record<string, Partial<OptionsOf<Table>>>>

/** The options in which evaluators differ from training, by the evaluator's name; default no evaluators. */
export function changesBy<const Table extends OptionTable>(table: Table) {
  const optionals = Object.fromEntries(Object.entries(table).map(([name, rule]) => [name, optional(rule)]))
  const rule = recordOf(form(optionals), 'options by evaluator')
  return optional<Changes<Table>, Changes<Table>>(rule as never, {})
}

/** The changes that were given. */
export function givenOf<Changed extends object>(changes: Readonly<Record<string, Changed>>) {
  return Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, defined(change)]))
}
