import { requireTensor, type Tensor } from '../../core/tensor.ts'
import type { Read, Site, SiteContext, SourceKind, Values } from '../define.ts'
import { activationSource } from './activation.ts'
import { arraySource } from './array.ts'
import { copySource } from './copy.ts'
import { type CustomSource, ownKind } from './custom.ts'
import type { KnownSource } from './define.ts'
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

/** Sources of {@link clamp}; a number or a tensor is its own source. */
export type SourceInput = number | Tensor | ConstantSource | CustomSource

export const kinds = { constant: constantSources, live: liveSources } satisfies Record<
  string,
  Record<string, SourceKind>
>

/** Values that no parameter takes part in, or that the network computes. */
export type SourceNature = keyof typeof kinds

export const sourceNatures = Object.keys(kinds) as readonly SourceNature[]

export const houseSources: Readonly<Record<string, KnownSource>> = { ...constantSources, ...liveSources }

/** The JSON form of a source. */
export function toSource(input: SourceInput): ConstantSource | CustomSource {
  if (typeof input === 'number') return { from: 'number', value: input }
  if (typeof input !== 'object' || input === null || !('data' in input)) return input
  const { shape, data } = requireTensor('clamp', input)
  return { from: 'array', shape, values: Array.from(data) }
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
