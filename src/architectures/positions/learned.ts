import { count, optional } from '../../core/check.ts'
import { embedding } from '../parameters.ts'
import { perToken } from '../points.ts'
import { requireLength } from '../widths.ts'
import { definePositions } from './positions.ts'

/**
 * A trained vector per position, added to the embedding, as in GPT-2.
 * @example
 * import { learnedPositions } from 'opsin'
 * const positions = learnedPositions({ maxLength: 128 })
 */
export const learnedPositions = definePositions(
  'learned',
  {
    /** The longest sequence that it knows; default 32. */
    maxLength: optional(count(2 ** 20), 32),
  },
  ({ maxLength }) => ({
    points: (width) => ({ pos_embed: perToken(width) }),
    parameters: (width) => [embedding('embed.pos.weight', maxLength, width)],
    width: (width) => width,
    emit(place, x) {
      const { batch, length, width } = place
      requireLength('embed.pos.weight', length, maxLength)
      const indices = Array.from({ length }, (_, i) => i)
      const rows = place.op('take', [place.parameter('embed.pos.weight')], { axis: 0, indices })
      const added = place.op('broadcast', [rows], { shape: [batch, length, width] })
      return place.op('add', [x, place.point('pos_embed', added)])
    },
  }),
  () => ({ maxLength: 8 }),
)
