import type { BlockPoints, Prefixed } from './block.ts'
import type { PointsOf, Together } from './part.ts'
import type { perToken, predictions, scalar } from './points.ts'

// The hook points of a transformer as a type: what its parts have, and nothing else.

/** The options that determine the hook points. */
interface Composition {
  readonly positions?: unknown
  readonly blocks: readonly unknown[]
  readonly norm?: unknown
  readonly readout?: unknown
  readonly readouts?: Readonly<Record<string, unknown>>
}

/** 0 | 1 | … | N−1 of a tuple; `number` of a list whose length is not known. */
type Indices<List extends readonly unknown[]> = number extends List['length']
  ? number
  : Extract<keyof List, `${number}`>

type AxesIn<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly axes: readonly (infer Axis)[] } ? Axis : never
}

type Blocks<List extends readonly unknown[]> = {
  [Layer in Indices<List>]: Prefixed<`blocks.${Layer}.`, BlockPoints<List[Layer & keyof List]>>
}[Indices<List>]

type Optional<O, Name extends string> = O extends { readonly [N in Name]: infer P } ? PointsOf<P> : unknown

type One = { readonly logits: ReturnType<typeof predictions>; readonly loss: typeof scalar }

type Several<Readouts> = {
  readonly [Name in keyof Readouts & string as `readouts.${Name}.input`]: ReturnType<typeof perToken>
} & { readonly [Name in keyof Readouts & string as `readouts.${Name}.logits`]: One['logits'] } & {
  readonly [Name in keyof Readouts & string as `readouts.${Name}.loss`]: One['loss']
} & Pick<One, 'loss'>

type ReadoutPoints<O> = O extends { readonly readouts: infer Readouts }
  ? Several<Readouts>
  : O extends { readonly readout: object }
    ? One
    : unknown

type Forward<O extends Composition> = AxesIn<
  { readonly embed: ReturnType<typeof perToken> } & Optional<O, 'positions'> &
    Together<Blocks<O['blocks']>> &
    Prefixed<'ln_final.', Optional<O, 'norm'>> &
    ReadoutPoints<O>
>

type WithGradients<Points> = Points & { [Name in keyof Points & string as `grad(${Name})`]: Points[Name] }

/** From each hook name of a transformer of these parts to its axes. */
export type TransformerPoints<O extends Composition> = WithGradients<Forward<O>>
