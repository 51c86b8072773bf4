import { count } from '../../core/check.ts'
import { perToken } from '../points.ts'
import { requireLength } from '../widths.ts'
import { definePositions } from './positions.ts'

/**
 * The one-hot vector of the position, put behind the embedding: (embedding, position) [Nichani, Damian and Lee 2024].
 * @example
 * import { oneHotPositions } from 'opsin'
 * const positions = oneHotPositions({ maxLength: 20 })
 */
export const oneHotPositions = definePositions(
  'one-hot',
  {
    /** The longest sequence, and the width of the vector. */
    maxLength: count(2 ** 14),
  },
  ({ maxLength }) => ({
    points: () => ({ pos_embed: perToken(maxLength) }),
    parameters: () => [],
    width: (width) => width + maxLength,
    emit(place, x) {
      const { batch, length } = place
      requireLength('one-hot positions', length, maxLength)
      const rows = place.op('identity-matrix', [], { rows: length, width: maxLength })
      const added = place.op('broadcast', [rows], { shape: [batch, length, maxLength] })
      return place.op('concat', [x, place.point('pos_embed', added)])
    },
  }),
  () => ({ maxLength: 8 }),
)
