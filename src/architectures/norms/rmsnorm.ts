import { optional, positive } from '../../core/check.ts'
import { gain } from '../parameters.ts'
import { defineNorm } from './norm.ts'
import { normPoints } from './points.ts'

/**
 * Root-mean-square normalisation [Zhang and Sennrich 2019]: x / √(mean x² + eps) · weight, per token.
 *
 * @throws OpsinError `VALUE` for an `eps` that is not positive.
 * @example
 * import { rmsNorm } from 'opsin'
 * const norm = rmsNorm({ eps: 1e-6 })
 */
export const rmsNorm = defineNorm(
  'rmsnorm',
  { eps: optional(positive, 1e-5) },
  ({ eps }) => ({
    points: normPoints,
    parameters: (width) => [gain('weight', width)],
    emit(place, x) {
      const scale = place.point('scale', place.op('norm-scale', [x], { eps, center: false }))
      const normalized = place.point('normalized', place.op('normalize', [x, scale], { center: false }))
      return place.op('affine', [normalized, place.parameter('weight')])
    },
  }),
  (draw) => ({ eps: draw.pick([1e-5, 1e-2]) }),
)
