import { requireRecord } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { requireKnownFields, unknownName } from '../../core/nearest.ts'
import { show } from '../../core/show.ts'
import { requireTensor, type Tensor } from '../../core/tensor.ts'
import type { Read, Site, SiteContext, SourceKind, Values } from '../define.ts'
import { activationSource } from './activation.ts'
import { arraySource } from './array.ts'
import { copySource } from './copy.ts'
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
export type Source = ConstantSource | LiveSource

/** What {@link clamp} takes for a source: a number and a tensor stand for themselves. */
export type SourceInput = number | Tensor | ConstantSource

const kinds = { constant: constantSources, live: liveSources } satisfies Record<string, Record<string, SourceKind>>

/** Values that no parameter takes part in, or that the network computes. */
export type SourceNature = keyof typeof kinds

/** The JSON form of a source. */
export function toSource(input: SourceInput): ConstantSource {
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
  const here: Readonly<Record<string, SourceKind>> = kinds[nature]
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

function kindOf({ from }: Source): SourceKind {
  return { ...constantSources, ...liveSources }[from]
}
