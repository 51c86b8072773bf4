import type { KnownSource } from './define.ts'

/** Where a source that is not of the house carries its kind. JSON passes over it. */
export const kindOfSource = Symbol('opsin: kind of source')

/** The name of a kind of source from outside: its package's name, then its own. */
export type CustomName = `${string}/${string}`

/** A source of a kind from outside, made by what {@link defineSource} gives. */
export interface CustomSource {
  readonly from: CustomName
  readonly [kindOfSource]: KnownSource
}

/** The source, with its kind: what it loses as JSON. */
export function withKind(source: object, kind: KnownSource): CustomSource {
  return { ...source, [kindOfSource]: kind } as unknown as CustomSource
}

/** Its own kind, where it is of none of the house's. */
export function ownKind(source: object): KnownSource | undefined {
  return (source as Partial<CustomSource>)[kindOfSource]
}
