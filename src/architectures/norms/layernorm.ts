import { flag, optional, positive } from '../../core/check.ts'
import { bias, gain } from '../parameters.ts'
import { defineNorm } from './norm.ts'
import { normPoints } from './points.ts'

/**
 * Layer normalisation [Ba, Kiros and Hinton 2016]: (x − mean) / √(variance + eps) · weight + bias, per token.
 *
 * @throws OpsinError `VALUE` for an `eps` that is not positive.
 * @example
 * import { layerNorm } from 'opsin'
 * const norm = layerNorm({ eps: 1e-6 })
 */
export const layerNorm = defineNorm(
  'layernorm',
  {
    eps: optional(positive, 1e-5),
    /** Whether there is a bias; default yes. */
    bias: optional(flag, true),
  },
  ({ eps, bias: biased }) => ({
    points: normPoints,
    parameters: (width) => [gain('weight', width), ...(biased ? [bias('bias', width)] : [])],
    emit(place, x) {
      const scale = place.point('scale', place.op('norm-scale', [x], { eps, center: true }))
      const normalized = place.point('normalized', place.op('normalize', [x, scale], { center: true }))
      const inputs = [normalized, place.parameter('weight')]
      return place.op('affine', biased ? [...inputs, place.parameter('bias')] : inputs)
    },
  }),
  (draw) => ({ bias: draw.pick([true, false]) }),
)
