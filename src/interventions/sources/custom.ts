import { check, matching, optional, requireRecord } from '../../core/check.ts'
import { aFunction, aRule, recordOf, requireFields } from '../../core/fields.ts'
import type { SourceKind } from '../define.ts'
import { type KnownSource, knownSource } from './define.ts'

/** Where a source that is not of the house carries its kind. JSON passes over it. */
export const kindOfSource = Symbol('opsin: kind of source')

/** The name of a kind of source from outside: its package's name, then its own. */
export type CustomName = `${string}/${string}`

/** A source of a kind from outside, made with {@link defineSource}. */
export interface CustomSource {
  readonly from: CustomName
  readonly [kindOfSource]: KnownSource
}

/** The source, with its kind, which its JSON form lacks. */
export function withKind(source: object, kind: KnownSource): CustomSource {
  return { ...source, [kindOfSource]: kind } as unknown as CustomSource
}

/** Its own kind, where it is of none of the house's. */
export function ownKind(source: object): KnownSource | undefined {
  return (source as Partial<CustomSource>)[kindOfSource]
}

export const customName = /^[^/]+\/[^/]+$/

/**
 * Defines a kind of source: where new values of an intervention come from. It gives the function that makes such sources, for
 * {@link clamp}, or for {@link patch} where it reads sites. As JSON a source has its name and fields alone;
 * {@link interventionsFrom} gives its kind back.
 *
 * @throws OpsinError `VALUE` for a name without its package; where a source is made, `NAME` and `VALUE` for fields
 * that do not fit.
 * @example
 * import { at, attentionOnly, clamp } from 'opsin'
 * import { defineSource, rules } from 'opsin/extend'
 * const ramp = defineSource<{ from: 'me/ramp'; step: number }>({
 *   from: 'me/ramp',
 *   fields: { step: rules.finite },
 *   emit: ({ step }, { builder, shape }) => {
 *     const value = Array.from({ length: shape[1] }, (_, i) => i * step)
 *     return { node: builder.op('constant', [], { shape: [1, shape[1], ...shape.slice(2).map(() => 1)], value }) }
 *   },
 * })
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * clamp(at(model, 'blocks.0.resid_post'), ramp({ step: 0.1 }))
 */
export function defineSource<S extends { readonly from: CustomName }>(
  kind: SourceKind<S>,
): ((fields: Omit<S, 'from'>) => CustomSource) & { readonly kind: KnownSource<S> } {
  check('defineSource: from', kind?.from, matching(customName, "a name like 'package/source'"))
  requireFields('defineSource', kind, {
    fields: recordOf(aRule, 'rules by field'),
    check: optional(aFunction),
    emit: aFunction,
  })
  const known = knownSource(kind)
  const make = (fields: Omit<S, 'from'>) => {
    const source = { ...(requireRecord(kind.from, fields, 'fields') as object), from: kind.from } as S
    return withKind(check(kind.from, source, known.rule), known)
  }
  return Object.assign(make, { kind: known })
}
