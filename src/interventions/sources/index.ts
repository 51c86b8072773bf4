import { OpsinError } from '../../core/errors.ts'
import { requireKnownFields, unknownName } from '../../core/nearest.ts'
import type { Tensor } from '../../core/tensor.ts'
import type { NodeId } from '../../graph/node.ts'
import type { Site, SiteContext, SourceKind } from '../define.ts'
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

const kinds: Readonly<Record<string, SourceKind>> = { ...constantSources, ...liveSources }

/** The JSON form of a source. */
export function toSource(input: SourceInput): ConstantSource {
  if (typeof input === 'number') return { from: 'number', value: input }
  if ('data' in input) return { from: 'array', shape: input.shape, values: Array.from(input.data) }
  return input
}

/** Emits a source's values. @throws OpsinError `NAME` for a source that does not exist. */
export function emitSource(source: Source, site: SiteContext): NodeId {
  return kindOf(source, site.where).emit(source, site)
}

/** The sites that a source reads. */
export function sitesRead(source: Source, at: Site): Site[] {
  return kindOf(source, `source of ${at.point}`).reads?.(source, at) ?? []
}

function kindOf(source: Source, where: string): SourceKind {
  const from: unknown = source?.from
  if (typeof from !== 'string') {
    throw new OpsinError('VALUE', { where, expected: 'a source {"from": …}', got: JSON.stringify(source) ?? 'nothing' })
  }
  if (!Object.hasOwn(kinds, from)) throw unknownName(where, 'a kind of source', from, Object.keys(kinds))
  requireKnownFields(where, `a field of the source "${from}"`, source, ['from', ...kinds[from].fields])
  return kinds[from]
}
