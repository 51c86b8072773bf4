import { defineOp } from './define.ts'
import { none } from './shared/axes.ts'
import { inferStep, onnxPart, onnxRate, sampleStep } from './shared/optimizer.ts'

// u' = decay · u + g        p' = p − rates[0] · u'        state [2 n] is p, then u; g [n]; rates = [learning rate]

export const momentum = defineOp<'momentum', { readonly decay: number }>({
  name: 'momentum',
  formula: "u' = decay · u + g, p' = p − rates[0] · u'",
  infer: (inputs) => inferStep('momentum', inputs, ['p', 'u'], 1),
  forward(out, [state, g, rates], { attrs: { decay } }) {
    const n = g.length
    for (let i = 0; i < n; i++) {
      const u = decay * state[n + i] + g[i]
      out[i] = state[i] - rates[0] * u
      out[n + i] = u
    }
  },
  vjp: 'none',
  axes: none,
  onnx(context) {
    const { names, attrs, node, floats } = context
    const u = node('Add', [node('Mul', [onnxPart(context, 1), floats([attrs.decay], [])]), names[1]])
    const p = node('Sub', [onnxPart(context, 0), node('Mul', [u, onnxRate(context, 0)])])
    return node('Concat', [p, u], { axis: 0 })
  },
  sample: (draw) => ({ inputs: sampleStep(draw.size(), 2, 1), attrs: { decay: draw.number(0.5, 0.999) } }),
  memory: { over: 0 },
})
