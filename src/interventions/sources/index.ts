import { check, requireRecord } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { aFunction, list, requireFields } from '../../core/fields.ts'
import { requireKnownFields, unknownName } from '../../core/nearest.ts'
import { show } from '../../core/show.ts'
import { requireTensor, type Tensor } from '../../core/tensor.ts'
import type { Read, Site, SiteContext, SourceKind, Values } from '../define.ts'
import { activationSource } from './activation.ts'
import { arraySource } from './array.ts'
import { copySource } from './copy.ts'
import { type CustomName, type CustomSource, ownKind, withKind } from './custom.ts'
import { numberSource } from './number.ts'
import { inductionSource, matchSource, previousTokenSource } from './patterns.ts'

const constantSources = {
  number: numberSource,
  array: arraySource,
  'previous-token': previousTokenSource,
  induction: inductionSource,
  match: matchSource,
} as const

const liveSources = { activation: activationSource, copy: copySource } as const

type SourceOf<Kinds> = Kinds[keyof Kinds] extends infer Kind ? (Kind extends SourceKind<infer S> ? S : never) : never

/** Values that no parameter takes part in. */
export type ConstantSource = SourceOf<typeof constantSources>
/** Values that the network computes. */
export type LiveSource = SourceOf<typeof liveSources>
export type Source = ConstantSource | LiveSource | CustomSource

/** What {@link clamp} takes for a source: a number and a tensor stand for themselves. */
export type SourceInput = number | Tensor | ConstantSource | CustomSource

const kinds = { constant: constantSources, live: liveSources } satisfies Record<string, Record<string, SourceKind>>

/** Values that no parameter takes part in, or that the network computes. */
export type SourceNature = keyof typeof kinds

/** The JSON form of a source. */
export function toSource(input: SourceInput): ConstantSource | CustomSource {
  if (typeof input === 'number') return { from: 'number', value: input }
  if (typeof input !== 'object' || input === null || !('data' in input)) return input
  const { shape, data } = requireTensor('clamp', input)
  return { from: 'array', shape, values: Array.from(data) }
}

/**
 * Throws for a source that makes no sense, or is not of this nature.
 *
 * @throws OpsinError `NAME` for a kind or a field that does not exist; `VALUE` for the rest.
 */
export function checkSource(nature: SourceNature, source: Source, where: string): void {
  const { from } = requireRecord(where, source, 'a source {"from": …}')
  const own = ownKind(source)
  const here = own === undefined ? (kinds[nature] as Readonly<Record<string, SourceKind>>) : natureOf(nature, own)
  if (typeof from !== 'string') {
    throw new OpsinError('VALUE', { where, expected: 'a source {"from": …}', got: show(source) })
  }
  if (!Object.hasOwn(here, from)) {
    const other = Object.values(kinds).some((some) => Object.hasOwn(some, from))
    if (!other) throw unknownName(where, 'a kind of source', from, Object.keys(here))
    throw new OpsinError('VALUE', {
      where,
      expected: `a ${nature} source: ${Object.keys(here).join(', ')}`,
      got: show(from),
      hint: `${nature === 'live' ? 'clamp takes constants' : 'patch takes what the network computes'}.`,
    })
  }
  requireKnownFields(where, `a field of the source "${from}"`, source, ['from', ...here[from].fields])
  here[from].check(source, where)
}

/** Emits a source's values. */
export function emitSource(source: Source, site: SiteContext): Values {
  return kindOf(source).emit(source, site)
}

/** The sites that a source reads. */
export function sitesRead(source: Source, at: Site): Read[] {
  return kindOf(source).reads?.(source, at) ?? []
}

function kindOf(source: Source): SourceKind {
  return ownKind(source) ?? houseSources[source.from]
}

/** One from outside is live where it reads sites. */
function natureOf(nature: SourceNature, kind: SourceKind): Readonly<Record<string, SourceKind>> {
  return (kind.reads === undefined) === (nature === 'constant') ? { [kind.from]: kind } : {}
}

function isCustomName(name: unknown): boolean {
  return typeof name === 'string' && /^[^/]+\/[^/]+$/.test(name)
}

const houseSources: Readonly<Record<string, SourceKind>> = { ...constantSources, ...liveSources }

/**
 * Defines a kind of source: where new values of an intervention come from. It gives the function that makes such sources, for
 * {@link clamp}, or for {@link patch} where it reads sites. As JSON a source has its name and fields alone;
 * {@link interventionsFrom} gives its kind back.
 *
 * @throws OpsinError `VALUE` for a name without its package; where a source is made, `NAME` and `VALUE` for fields
 * that do not fit.
 * @example
 * import { at, attentionOnly, clamp } from 'opsin'
 * import { defineSource } from 'opsin/extend'
 * const ramp = defineSource<{ from: 'me/ramp'; step: number }>({
 *   from: 'me/ramp',
 *   fields: ['step'],
 *   check: () => {},
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
): ((fields: Omit<S, 'from'>) => CustomSource) & { readonly kind: SourceKind<S> } {
  check('defineSource: from', kind?.from, { expected: "a name like 'package/source'", fits: isCustomName })
  requireFields('defineSource', kind, { fields: list, check: aFunction, emit: aFunction })
  const make = (fields: Omit<S, 'from'>) => {
    const source = { ...(requireRecord(kind.from, fields, 'fields') as object), from: kind.from } as S
    requireKnownFields(kind.from, 'a field', source, ['from', ...kind.fields])
    kind.check(source, kind.from)
    return withKind(source, kind)
  }
  return Object.assign(make, { kind })
}
