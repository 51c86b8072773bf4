import { check, count, flag, optional } from '../../core/check.ts'
import { requireInput } from '../given-inputs.ts'
import { bias, weight } from '../parameters.ts'
import { defineInputs, needWidth, onePerPosition } from './input.ts'

/**
 * Vectors as they are: `vectors`, float [batch, pos, width]; with a read-in, x W + b first. In-context regression and toys.
 * @example
 * import { vectorInputs } from 'opsin'
 * const inputs = vectorInputs({ width: 11, readIn: false })
 */
export const vectorInputs = defineInputs(
  'vectors',
  {
    width: count(2 ** 20),
    /** Whether a trained matrix brings them to d_model; default yes. */
    readIn: optional(flag, true),
  },
  ({ width, readIn }) => ({
    points: () => ({}),
    parameters(dModel) {
      if (!readIn) return []
      const to = needWidth('vectors', dModel)
      return [weight('embed.vector.weight', width, to), bias('embed.vector.bias', to)]
    },
    width(dModel) {
      if (readIn) return needWidth('vectors', dModel)
      const whole = { expected: `${width}, the width of the vectors, since they are not read in`, fits: isSame(width) }
      return check('inputs "vectors": dModel', dModel ?? width, whole)
    },
    sizes(given) {
      const [batch, length] = requireInput(given, 'vectors', [null, null, width]).shape
      return { batch, length }
    },
    ...onePerPosition,
    emit(place) {
      const vectors = place.input('vectors', [place.batch, place.length, width], 'batch')
      return readIn ? place.linear(vectors, 'embed.vector', true) : vectors
    },
  }),
  (draw) => ({ width: 4, readIn: draw.pick([true, false]) }),
)

function isSame(width: number) {
  return (value: unknown) => value === width
}
