import { count, optional } from '../../core/check.ts'
import { weight } from '../parameters.ts'
import { hiddenUnits } from '../points.ts'
import { defineMlp } from './mlp.ts'

/**
 * A gated MLP as in Llama: y = (silu(x W_gate) · x W_in) W_out, without biases [Shazeer 2020, SwiGLU]. `mlp.gate` is the
 * gate before silu, `mlp.pre` what it multiplies, `mlp.post` their product.
 *
 * @throws OpsinError `VALUE` for a width that is no size.
 * @example
 * import { swigluMlp } from 'opsin'
 * const mlp = swigluMlp({ width: 172 })
 */
export const swigluMlp = defineMlp(
  'swiglu',
  {
    /** Hidden width, d_mlp; default 4 · d_model. */
    width: optional(count(2 ** 20)),
  },
  ({ width: hidden }) => ({
    points(width) {
      const units = hiddenUnits(hidden ?? 4 * width)
      return { 'mlp.gate': units, 'mlp.pre': units, 'mlp.post': units }
    },
    parameters(width) {
      const dMlp = hidden ?? 4 * width
      return [
        weight('mlp.gate.weight', width, dMlp),
        weight('mlp.in.weight', width, dMlp),
        weight('mlp.out.weight', dMlp, width),
      ]
    },
    emit(place, x) {
      const gate = place.point('mlp.gate', place.linear(x, 'mlp.gate'))
      const pre = place.point('mlp.pre', place.linear(x, 'mlp.in'))
      const post = place.point('mlp.post', place.op('multiply', [place.op('silu', [gate]), pre]))
      return place.linear(post, 'mlp.out')
    },
  }),
  (draw) => ({ width: draw.size(6) }),
)
