import { check, oneOf, seed as seedRule } from '../core/check.ts'
import { type FloatArray, floatArray, type Precision } from '../core/dtype.ts'
import { philox, type Rng, streams } from '../core/rng.ts'
import { sizeOf } from '../core/shape.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { requireModel } from './check.ts'
import type { Model, ParameterSpec } from './define.ts'

/** Parameter values by name. */
export type Parameters = Readonly<Record<string, Tensor<FloatArray>>>

/**
 * The parameters a model starts with. Each is drawn alone from (seed, its place in the list), so a variant of the model
 * that shares a prefix of the list shares those weights.
 *
 * @throws OpsinError `VALUE` for what is no model, no seed (an integer from 0 to 2^32 − 1) or no precision.
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
  return Object.fromEntries(
    model.parameters.map((spec, index) => [spec.name, tensor(spec.shape, fill(spec, index, random, precision))]),
  )
}

function fill({ shape, initializer }: ParameterSpec, index: number, random: Rng, precision: Precision) {
  const values = floatArray(precision, sizeOf(shape))
  if (initializer.kind === 'ones') values.fill(1)
  if (initializer.kind === 'truncated-normal') {
    random.fillTruncatedNormal(values, 0, index)
    for (let i = 0; i < values.length; i++) values[i] *= initializer.deviation
  }
  return values
}
