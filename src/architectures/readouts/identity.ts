import { check, integer, oneOf, optional, type Rule } from '../../core/check.ts'
import { defineReadout, type ReadoutPlace } from './readout.ts'

const features: Rule<readonly number[]> = {
  expected: 'places in the residual stream, each 0 or more',
  fits: (value) => Array.isArray(value) && value.length > 0 && value.every(integer(0).fits),
}

/**
 * The residual stream itself, or some of its features: no weights [von Oswald et al. 2023].
 * @example
 * import { identityReadout } from 'opsin'
 * const readout = identityReadout({ at: 'last', features: [10] })
 */
export const identityReadout = defineReadout(
  'identity',
  {
    /** Which positions it reads; default `all`. */
    at: optional(oneOf('last', 'all'), 'all'),
    /** Which features are the predictions; default all. */
    features: optional(features),
  },
  ({ at, features: some }) => ({
    at,
    outputs: ({ width }: ReadoutPlace) => some?.length ?? width,
    points: () => ({}),
    parameters: () => [],
    emit(place, x, { width }) {
      if (some === undefined) return x
      const inside = { expected: `places below ${width}`, fits: () => some.every((one) => one < width) }
      return place.op('take', [x], { axis: 2, indices: check('identityReadout: features', some, inside) })
    },
  }),
  (draw) => ({ at: draw.pick(['last', 'all']), features: draw.pick([[0, 2], [1]]) }),
)
