import { defineOp } from './define.ts'
import { inferStep, stepRows } from './shared/optimizer.ts'
import { drawShape } from './shared/repeat.ts'

// p' = p − rates[0] · g        p, g of one shape; rates = [learning rate]

export const sgd = defineOp({
  name: 'sgd',
  formula: "p' = p − rates[0] · g",
  infer: (inputs) => inferStep('sgd', inputs, ['p', 'g'], 1),
  forward(out, [p, g, rates]) {
    for (let i = 0; i < out.length; i++) out[i] = p[i] - rates[0] * g[i]
  },
  vjp: 'none',
  rowwise: stepRows(true),
  onnx: ({ names: [p, g, rates], node, int64s }) => {
    const rate = node('Reshape', [rates, int64s([], [0])])
    return node('Sub', [p, node('Mul', [g, rate])])
  },
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }, { shape }, { shape: [1], positive: true }], attrs: {} }
  },
  inPlace: 0,
})
