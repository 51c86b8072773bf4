import { check, oneOf, seed as seedRule } from '../core/check.ts'
import type { FloatArray, Precision } from '../core/dtype.ts'
import { within } from '../core/errors.ts'
import { philox, streams } from '../core/rng.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { requireModel } from './check.ts'
import type { Model, ParameterSpec } from './define.ts'
import { drawInitial } from './initializers/index.ts'

/** Parameter values by name. */
export type Parameters = Readonly<Record<string, Tensor<FloatArray>>>

/**
 * The parameters a model starts with. Each is drawn alone from (seed, its place in the list), so a variant of the model
 * that shares a prefix of the list shares those weights.
 *
 * @throws OpsinError `VALUE` for a value that is no model, no seed (an integer from 0 to 2^32 − 1) or no precision; as its
 * initializer for a parameter that cannot be drawn.
 * @example
 * import { attentionOnly, initialize } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const parameters = initialize(model, 5)
 * console.assert(parameters['blocks.0.attn.q.weight']?.shape.join() === '8,8')
 */
export function initialize(model: Model, seed: number, precision: Precision = 'f32'): Parameters {
  requireModel('initialize: model', model)
  check('initialize: seed', seed, seedRule)
  check('initialize: precision', precision, oneOf('f32', 'f64'))
  const random = philox(seed, streams.init)
  const draw = ({ name, shape, initializer }: ParameterSpec, place: number) => {
    try {
      return tensor(shape, drawInitial(initializer, { shape, random, place }, precision))
    } catch (error) {
      throw within(`parameter "${name}"`, error)
    }
  }
  return Object.fromEntries(model.parameters.map((spec, place) => [spec.name, draw(spec, place)]))
}
