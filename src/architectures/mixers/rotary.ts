import { belowOne, oneOf, optional, positive } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { perHead } from '../points.ts'
import { defineModifier, type HeadSizes } from './modifier.ts'

/**
 * Rotary positions [Su et al. 2021]: pairs of dimensions of queries and keys turn by an angle that grows with the position.
 *
 * @throws OpsinError `VALUE` for a base that is not positive; for heads whose turned part is no whole number of pairs.
 * @example
 * import { rotary } from 'opsin'
 * const modifier = rotary({ pairs: 'halves', share: 0.25 })
 */
export const rotary = defineModifier(
  'rotary',
  {
    /** Default 10000. */
    base: optional(positive, 10_000),
    /** Which dimensions make a pair: neighbours (the paper), or one of each half (GPT-NeoX, Llama). Default `adjacent`. */
    pairs: optional(oneOf('adjacent', 'halves'), 'adjacent'),
    /** Which share of each head turns, its first dimensions; default all. */
    share: optional({ ...belowOne, expected: 'a share above 0, at most 1', fits: isShare }, 1),
  },
  ({ base, pairs, share }) => ({
    modifies: ['q', 'k'],
    points({ q, k }: HeadSizes) {
      requirePairs(q.dHead * share)
      return { 'attn.rot_q': perHead(q.heads, q.dHead), 'attn.rot_k': perHead(k.heads, k.dHead) }
    },
    parameters: () => [],
    emit(place, name, value) {
      const dims = place.shapeOf(value)[3] * share
      const form = { ...(pairs === 'halves' ? { halves: true } : {}), ...(share === 1 ? {} : { dims }) }
      return place.point(`attn.rot_${name}`, place.op('rotary', [value], { base, inverse: false, ...form }))
    },
  }),
  (draw) => ({ base: draw.pick([10, 10_000]), pairs: draw.pick(['adjacent', 'halves']), share: draw.pick([1, 0.5]) }),
)

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= 1
}

function requirePairs(dims: number): void {
  if (Number.isInteger(dims / 2)) return
  throw new OpsinError('VALUE', {
    where: 'rotary: dHead · share',
    expected: 'an even number, since rotary positions turn pairs',
    got: String(dims),
  })
}
