import { perToken } from '../points.ts'
import { definePositions } from './positions.ts'

/**
 * Fixed sine waves, added to the embedding [Vaswani et al. 2017, §3.5].
 * @example
 * import { sinusoidalPositions } from 'opsin'
 * const positions = sinusoidalPositions()
 */
export const sinusoidalPositions = definePositions('sinusoidal', {}, () => ({
  points: (width) => ({ pos_embed: perToken(width) }),
  parameters: () => [],
  width: (width) => width,
  emit(place, x) {
    const { batch, length, width } = place
    const waves = place.op('sinusoid', [], { positions: length, width, base: 10_000 })
    const added = place.op('broadcast', [waves], { shape: [batch, length, width] })
    return place.op('add', [x, place.point('pos_embed', added)])
  },
}))
