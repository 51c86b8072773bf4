import { requireRoom } from '../core/shape.ts'
import { GraphBuilder } from '../graph/build.ts'
import type { HookPoint, Model, ParameterSpec, Positions, ReadoutSite, Sizes } from './define.ts'
import type { GivenInputs } from './given-inputs.ts'
import { need } from './inputs/input.ts'
import { type Place, type PointTable, placeOf } from './part.ts'

/** Options of {@link defineModel}. */
export interface ModelDefinition<Points extends PointTable> {
  readonly architecture: string
  /** Plain JSON that tells the model from others of its architecture; default none. */
  readonly config?: Model['config']
  readonly parameters: readonly ParameterSpec[]
  /** Its hook points, in firing order. */
  readonly points: Points
  /** Where predictions are read off, by name (`''` for one alone); default none. */
  readonly readouts?: Readonly<Record<string, ReadoutSite>>
  /** Whether a token sees only itself and what came before; default true. */
  readonly causal?: boolean
  /** The sizes of given inputs, `batch` among them, once they are known to fit. @throws OpsinError `SHAPE` or `VALUE`. */
  sizes(inputs: GivenInputs): Sizes
  /** How many positions a sequence has; default 1. */
  length?(sizes: Sizes): number
  /** Words for positions; default none. */
  positions?(sizes: Sizes): Positions
  /** Emits the forward pass: `place.point` names its hook points, the read-outs' logits among them. */
  emit(place: Place): void
}

/** The types of a table of points, as {@link Model} carries them. */
export type PointTypes<Points> = {
  [Name in keyof Points & string as Name | `grad(${Name})`]: Points[Name] extends {
    readonly axes: readonly (infer A)[]
  }
    ? A
    : never
}

/**
 * A model of one's own: parameters, hook points and what it computes. {@link transformer} composes one of parts.
 *
 * @throws OpsinError `VALUE` for more parameters than any engine can hold.
 * @example
 * import { defineModel } from 'opsin/extend'
 * const model = defineModel({
 *   architecture: 'my-line',
 *   parameters: [{ name: 'slope', shape: [3, 1], initializer: { kind: 'zeros' } }],
 *   points: { logits: { axes: ['batch', 'pos', 'vocab'], sizes: { vocab: 1 } }, loss: { axes: [] } },
 *   readouts: { '': { logits: 'logits', loss: 'loss', at: 'last', outputs: 1 } },
 *   sizes: ({ vectors }) => ({ batch: vectors.shape[0] }),
 *   emit(place) {
 *     const x = place.input('vectors', [place.batch, 1, 3], 'batch')
 *     place.point('logits', place.op('linear', [x, place.parameter('slope')]))
 *   },
 * })
 * console.assert(model.hookPoints.has('logits'))
 */
export function defineModel<const Points extends PointTable>(
  definition: ModelDefinition<Points>,
): Model<PointTypes<Points>> {
  const { architecture, config = {}, parameters, points, readouts = {}, causal = true } = definition
  requireRoom(
    `${architecture}: all parameters together`,
    parameters.map(({ shape }) => shape),
  )
  return {
    architecture,
    config,
    parameters,
    hookPoints: new Map<string, HookPoint>(Object.entries(points)),
    readouts,
    sizes: (inputs) => definition.sizes(inputs),
    graph(sizes, looksAhead = false) {
      const builder = new GraphBuilder()
      for (const { name, shape } of parameters) builder.input(name, shape, 'parameter')
      const [batch, length] = [need(sizes, 'batch'), definition.length?.(sizes) ?? 1]
      definition.emit(placeOf({ builder, sizes, batch, length, causal, looksAhead }))
      return builder.build()
    },
    positions: (sizes) => definition.positions?.(sizes) ?? {},
    causal,
  }
}
