import { check, count, flag, oneOf, optional } from '../../core/check.ts'
import { bias, weight } from '../parameters.ts'
import { defineReadout, type ReadoutPlace } from './readout.ts'

/**
 * x W + b: predictions by a matrix of their own.
 *
 * @throws OpsinError `VALUE` where neither it nor the inputs say how many predictions there are.
 * @example
 * import { linearReadout } from 'opsin'
 * const readout = linearReadout({ at: 'last', outputs: 10 })
 */
export const linearReadout = defineReadout(
  'linear',
  {
    /** Which positions it reads; default `all`. */
    at: optional(oneOf('last', 'all'), 'all'),
    /** How many numbers it predicts; default the vocabulary's size. */
    outputs: optional(count(2 ** 24)),
    bias: optional(flag, true),
  },
  ({ at, outputs: given, bias: biased }) => {
    const outputs = ({ inputs: { vocab, kind } }: ReadoutPlace) =>
      check(`linearReadout: outputs (after inputs "${kind}")`, given ?? vocab, count(2 ** 24))
    return {
      at,
      outputs,
      points: () => ({}),
      parameters: (place) => [
        weight('unembed.weight', place.width, outputs(place)),
        ...(biased ? [bias('unembed.bias', outputs(place))] : []),
      ],
      emit: (place, x) => place.linear(x, 'unembed', biased),
    }
  },
  (draw) => ({ at: draw.pick(['last', 'all']), outputs: draw.int(2, 6), bias: draw.pick([true, false]) }),
)
