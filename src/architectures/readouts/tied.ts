import { oneOf, optional } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { requireSameWidth } from '../widths.ts'
import { defineReadout, type ReadoutPlace } from './readout.ts'

/**
 * x Eᵀ with the embedding E of tokens: no weights of its own [Press and Wolf 2017].
 *
 * @throws OpsinError `VALUE` for inputs that have no table of tokens, `SHAPE` for a residual stream that is not as wide as it.
 * @example
 * import { tiedReadout } from 'opsin'
 * const readout = tiedReadout()
 */
export const tiedReadout = defineReadout(
  'tied',
  {
    /** Which positions it reads; default `all`. */
    at: optional(oneOf('last', 'all'), 'all'),
  },
  ({ at }) => ({
    at,
    outputs: (place) => tableOf(place).rows,
    points: () => ({}),
    parameters: () => [],
    emit(place, x, at) {
      const table = place.builder.inputId(tableOf(at).name)
      requireSameWidth('tiedReadout', place.shapeOf(table)[1], at.width)
      // The product with a transposed matrix, which the gradient of `linear` needs as well.
      return place.op('linear.vjp.x', [x, table])
    },
  }),
)

function tableOf({ inputs: { tied, vocab, kind } }: ReadoutPlace): { name: string; rows: number } {
  if (tied !== undefined && vocab !== undefined) return { name: tied, rows: vocab }
  throw new OpsinError('VALUE', {
    where: 'tiedReadout',
    expected: 'inputs with an embedding of tokens',
    got: `inputs "${kind}"`,
    hint: 'Use linearReadout().',
  })
}
