import { check, matching, optional, type Rule, requireRecord } from '../../core/check.ts'
import { chosen, failing, titled } from '../../core/choice.ts'
import { aFunction, object, requireFields } from '../../core/fields.ts'
import { unknownName } from '../../core/nearest.ts'
import { isRecord } from '../../core/record.ts'
import { faultOf, misfit } from '../../core/rule.ts'
import { requireTensor, type Tensor } from '../../core/tensor.ts'
import type { Read, Site, SiteContext, SourceKind, Values } from '../define.ts'
import { activationSource } from './activation.ts'
import { arraySource } from './array.ts'
import { copySource } from './copy.ts'
import { type CustomName, type CustomSource, ownKind, withKind } from './custom.ts'
import { type KnownSource, knownSource } from './define.ts'
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

export const sourceNatures = Object.keys(kinds) as readonly SourceNature[]

const houseSources: Readonly<Record<string, KnownSource>> = { ...constantSources, ...liveSources }

const customName = /^[^/]+\/[^/]+$/

/** The JSON form of a source. */
export function toSource(input: SourceInput): ConstantSource | CustomSource {
  if (typeof input === 'number') return { from: 'number', value: input }
  if (typeof input !== 'object' || input === null || !('data' in input)) return input
  const { shape, data } = requireTensor('clamp', input)
  return { from: 'array', shape, values: Array.from(data) }
}

/** Values that no parameter takes part in. */
export const aConstantSource: Rule<ConstantSource | CustomSource> = sourceOf('constant')
/** Values that the network computes. */
export const aLiveSource: Rule<LiveSource | CustomSource> = sourceOf('live')

function sourceOf(nature: SourceNature): Rule<any> {
  const rules = Object.values<KnownSource>(kinds[nature]).map(({ rule }) => rule)
  return titled(
    `${nature} source`,
    chosen(`a ${nature} source`, [...rules, fromModules(nature)], (source) => ruleFor(nature, source)),
  )
}

function ruleFor(nature: SourceNature, source: unknown): Rule<any> {
  const none = { expected: 'a source {"from": …}', fits: () => false }
  if (!isRecord(source) || typeof source.from !== 'string') return none
  const own = ownKind(source)
  const here = own === undefined ? (kinds[nature] as Readonly<Record<string, KnownSource>>) : natureOf(nature, own)
  if (Object.hasOwn(here, source.from)) return here[source.from].rule
  const names = Object.keys(here)
  if (!Object.hasOwn(houseSources, source.from)) {
    return failing([faultOf(unknownName('', 'a kind of source', source.from, names), ['from'])])
  }
  const hint = `${nature === 'live' ? 'clamp takes constants' : 'patch takes what the network computes'}.`
  return failing([{ ...misfit({ expected: `a ${nature} source: ${names.join(', ')}` }, source.from), hint }])
}

/** What a schema calls the sources of modules. */
export function sourceTitle(nature: SourceNature): string {
  return `${nature} source of a module`
}

/** In JSON, one whose kind is from outside: which there are, modules say. */
function fromModules(nature: SourceNature): Rule<any> {
  const from = { type: 'string', pattern: customName.source }
  const schema = {
    type: 'object',
    properties: { from },
    required: ['from'],
    $comment: 'Its fields are those of its kind.',
  }
  return titled(sourceTitle(nature), {
    expected: 'a source of a kind that a module exports',
    fits: () => false,
    schema,
  })
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
function natureOf(nature: SourceNature, kind: KnownSource): Readonly<Record<string, KnownSource>> {
  return (kind.reads === undefined) === (nature === 'constant') ? { [kind.from]: kind } : {}
}

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
  requireFields('defineSource', kind, { fields: object, check: optional(aFunction), emit: aFunction })
  const known = knownSource(kind)
  const make = (fields: Omit<S, 'from'>) => {
    const source = { ...(requireRecord(kind.from, fields, 'fields') as object), from: kind.from } as S
    return withKind(check(kind.from, source, known.rule), known)
  }
  return Object.assign(make, { kind: known })
}
