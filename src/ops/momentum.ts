import { defineOp } from './define.ts'
import { inferStep, stepRows } from './shared/optimizer.ts'
import { drawShape } from './shared/repeat.ts'

// u' = decay · u + g        u, g of one shape

export const momentum = defineOp<'momentum', { readonly decay: number }>({
  name: 'momentum',
  formula: "u' = decay · u + g",
  infer: (inputs) => inferStep('momentum', inputs, ['u', 'g']),
  forward(out, [u, g], { attrs: { decay } }) {
    for (let i = 0; i < out.length; i++) out[i] = decay * u[i] + g[i]
  },
  vjp: 'none',
  rowwise: stepRows(false),
  onnx: ({ names: [u, g], attrs: { decay }, node, floats }) => node('Add', [node('Mul', [u, floats([decay], [])]), g]),
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }, { shape }], attrs: { decay: draw.number(0.5, 0.999) } }
  },
  inPlace: 0,
})
