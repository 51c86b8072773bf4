import { check, count, type Rule } from '../../core/check.ts'
import { show } from '../../core/show.ts'
import type { NodeId } from '../../graph/node.ts'
import type { Positions, Sizes } from '../define.ts'
import { type GivenInputs, requireBelow, requireInput } from '../given-inputs.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'

/** The inputs of a sequence, and their embedding. */
export interface Inputs extends Part<PointTable, number | undefined> {
  /**
   * d_model of the embedding.
   *
   * @param dModel the model's option, if given.
   */
  width(dModel: number | undefined): number
  /** The sizes of given inputs, once they are known to fit. @throws OpsinError `SHAPE` or `VALUE`. */
  sizes(given: GivenInputs): Sizes
  /** How many positions a sequence has. */
  length(sizes: Sizes): number
  /** Words for positions. */
  positions(sizes: Sizes): Positions
  /** How many different predictions there are to make, if that is known. */
  readonly vocab?: number
  /** The parameter that a tied read-out uses, [vocab, d_model]. */
  readonly tied?: string
  /** The embedding, [batch, pos, d_model]. */
  emit(place: Place): NodeId
}

/**
 * Defines a kind of input: what a sequence is made of, and how it is embedded.
 *
 * @example
 * import { tensor } from 'opsin'
 * import { defineInputs, requireInput } from 'opsin/extend'
 * const pixels = defineInputs('me/pixels', {}, () => ({
 *   points: () => ({}),
 *   parameters: () => [],
 *   width: () => 1,
 *   sizes: (given) => ({ batch: requireInput(given, 'pixels', [null, 9, 1]).shape[0] }),
 *   length: () => 9,
 *   positions: () => ({ last: [8] }),
 *   emit: (place) => place.input('pixels', [place.batch, 9, 1], 'batch'),
 * }))
 * console.assert(pixels().sizes({ pixels: tensor([2, 9, 1], new Float32Array(18)) }).batch === 2)
 */
export const defineInputs = definerOf<Inputs>()

/** A size that the data decide. @throws OpsinError `SHAPE` when it is missing. */
export function need(sizes: Sizes, name: string): number {
  const hint = `Sizes come from the task and the batch; these were ${show(sizes)}.`
  return check(`model.graph(sizes): "${name}"`, sizes?.[name], size, hint)
}

const size: Rule<number> = { ...count(2 ** 24), code: 'SHAPE' }

/** What inputs of one value a position have in common: the sequence is as long as they are. */
export const onePerPosition = {
  length: (sizes: Sizes) => need(sizes, 'length'),
  positions: (sizes: Sizes) => ({ last: [need(sizes, 'length') - 1], query: [need(sizes, 'length') - 1] }),
}

/** The sizes of `tokens`, int [batch, pos], once they are known to be ids of the vocabulary. */
export function tokenSizes(given: GivenInputs, vocab: number): Sizes {
  const ids = requireInput(given, 'tokens', [null, null])
  requireBelow('tokens', ids, vocab)
  const [batch, length] = ids.shape
  return { batch, length }
}

/** Declares `tokens`. */
export function tokenInput(place: Place): NodeId {
  return place.input('tokens', [place.batch, place.length], 'batch', 'int')
}

/** d_model, where the embedding needs to be told. @throws OpsinError `VALUE`. */
export function needWidth(kind: string, dModel: number | undefined): number {
  return check(`inputs "${kind}": dModel`, dModel, { ...count(2 ** 20), expected: 'the width of the model (dModel)' })
}
