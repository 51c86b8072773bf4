import { count } from '../../core/check.ts'
import { embedding } from '../parameters.ts'
import { defineInputs, needWidth, onePerPosition, tokenInput, tokenSizes } from './input.ts'

/**
 * Ids of a vocabulary: `tokens`, int [batch, pos].
 * @example
 * import { tokenInputs } from 'opsin'
 * const inputs = tokenInputs({ vocab: 65 })
 */
export const tokenInputs = defineInputs(
  'tokens',
  { vocab: count(2 ** 24) },
  ({ vocab }) => ({
    points: () => ({}),
    parameters: (dModel) => [embedding('embed.token.weight', vocab, needWidth('tokens', dModel))],
    width: (dModel) => needWidth('tokens', dModel),
    sizes: (given) => tokenSizes(given, vocab),
    ...onePerPosition,
    vocab,
    tied: 'embed.token.weight',
    emit(place) {
      const ids = tokenInput(place)
      return place.op('gather', [place.parameter('embed.token.weight'), ids])
    },
  }),
  (draw) => ({ vocab: draw.int(2, 7) }),
)
