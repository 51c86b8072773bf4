import { form, oneOf, type Rule } from '../../core/check.ts'
import { also } from '../../core/choice.ts'
import type { SourceKind } from '../define.ts'

/** A source of a known kind, checked as far as its fields alone allow. */
export interface KnownSource<S extends { readonly from: string } = any> extends SourceKind<S> {
  readonly rule: Rule<S>
}

/** Adds the rule of a whole source to a kind. */
export function knownSource<S extends { readonly from: string }>(kind: SourceKind<S>): KnownSource<S> {
  const fields = { from: oneOf(kind.from), ...kind.fields }
  const rule: Rule<any> = form(fields, `a source {"from": "${kind.from}", …}`, `a field of the source "${kind.from}"`)
  return { ...kind, rule: kind.check === undefined ? rule : also(rule, kind.check, kind.asks) }
}
