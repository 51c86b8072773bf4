import { ones } from '../initializers/index.ts'
import { perHead } from '../points.ts'
import { defineModifier, type HeadSizes } from './modifier.ts'

/**
 * A trained number per head that multiplies what the head mixed: 1 at the start, 0 for a head that is off. Weights of heads
 * as in mixtures of attentive experts [Peng et al. 2020] and head importance [Michel, Levy and Neubig 2019].
 * @example
 * import { headGate } from 'opsin'
 * const modifier = headGate()
 */
export const headGate = defineModifier('head-gate', {}, () => ({
  modifies: ['z'],
  points: ({ z }: HeadSizes) => ({ 'attn.gated_z': perHead(z.heads, z.dHead) }),
  parameters: ({ z }: HeadSizes) => [{ name: 'attn.gate.weight', shape: [z.heads], initializer: ones }],
  emit(place, _, z) {
    const [, , heads] = place.shapeOf(z)
    const gate = place.op('reshape', [place.parameter('attn.gate.weight')], { shape: [1, 1, heads, 1] })
    return place.point('attn.gated_z', place.op('multiply', [z, gate]))
  },
}))
