import { sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'

// y [positions, width]: y[p, i] = sin(p · ω_i) for even i, cos(p · ω_i) for odd i,  ω_i = base^(−2⌊i/2⌋ / width)

interface Attrs {
  readonly positions: number
  readonly width: number
  readonly base: number
}

export const sinusoid = defineOp<'sinusoid', Attrs>({
  name: 'sinusoid',
  formula: 'y[p, i] = sin or cos (i even, odd) of p · base^(−2⌊i/2⌋ / width)',
  infer(inputs, { positions, width }) {
    requireInputs('sinusoid', inputs, 'no inputs', inputs.length === 0)
    return float([positions, width])
  },
  forward(out, _, { attrs: { width, base } }) {
    for (let i = 0; i < out.length; i++) {
      const entry = i % width
      const angle = Math.floor(i / width) * base ** ((-2 * Math.floor(entry / 2)) / width)
      out[i] = entry % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
  },
  vjp: 'none',
  axes: none,
  onnx(context) {
    const value = new Float32Array(sizeOf(context.shape))
    sinusoid.forward(value, [], context)
    return context.node('Identity', [context.floats(value, context.shape)])
  },
  sample(draw) {
    return { inputs: [], attrs: { positions: draw.size(), width: draw.size(19), base: draw.number(10, 10_000) } }
  },
})
