import { check, count } from '../../core/check.ts'
import { defineInputs, onePerPosition, tokenInput, tokenSizes } from './input.ts'

/**
 * Ids of a vocabulary as one-hot vectors, without weights: `tokens`, int [batch, pos] [Nichani, Damian and Lee 2024].
 * @example
 * import { oneHotInputs } from 'opsin'
 * const inputs = oneHotInputs({ vocab: 3 })
 */
export const oneHotInputs = defineInputs(
  'one-hot',
  { vocab: count(2 ** 14) },
  ({ vocab }) => ({
    points: () => ({}),
    parameters: () => [],
    width(dModel) {
      const same = { expected: `${vocab}, the vocabulary's size`, fits: (value: unknown) => value === vocab }
      return check('inputs "one-hot": dModel', dModel ?? vocab, same)
    },
    sizes: (given) => tokenSizes(given, vocab),
    ...onePerPosition,
    vocab,
    emit(place) {
      const ids = tokenInput(place)
      const rows = place.op('identity-matrix', [], { rows: vocab, width: vocab })
      return place.op('gather', [rows, ids])
    },
  }),
  () => ({ vocab: 4 }),
)
