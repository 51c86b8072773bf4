import { defineOp } from './define.ts'
import { none } from './shared/axes.ts'
import { inferStep, onnxRate, sampleStep } from './shared/optimizer.ts'

// p' = p − rates[0] · g        p, g [n]; rates = [learning rate]

export const sgd = defineOp({
  name: 'sgd',
  formula: "p' = p − rates[0] · g",
  infer: (inputs) => inferStep('sgd', inputs, ['p'], 1),
  forward(out, [p, g, rates]) {
    for (let i = 0; i < out.length; i++) out[i] = p[i] - rates[0] * g[i]
  },
  vjp: 'none',
  axes: none,
  onnx(context) {
    const { names, node } = context
    const [p, g] = names
    return node('Sub', [p, node('Mul', [g, onnxRate(context, 0)])])
  },
  sample: (draw) => ({ inputs: sampleStep(draw.size(), 1, 1), attrs: {} }),
  memory: { over: 0 },
})
