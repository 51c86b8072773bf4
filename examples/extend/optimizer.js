// A new optimiser: every parameter moves by the same amount, in the direction of its gradient's sign.
import { check, defineOp, float, none, requireInputs, rules } from 'opsin/extend'

// p' = p − rates[0] · sign g        p, g [n], rates [1]
export const signStep = defineOp({
  name: 'extend/sign-step',
  formula: "p' = p − rates[0] sign g",
  infer(inputs) {
    requireInputs('extend/sign-step', inputs, 'p [n], g [n], rates [1]', inputs.length === 3)
    return float(inputs[0].shape)
  },
  forward(out, [p, g, rates]) {
    for (let i = 0; i < out.length; i++) out[i] = p[i] - rates[0] * Math.sign(g[i])
  },
  vjp: 'none',
  axes: none,
  onnx: ({ names: [p, g, rates], node }) => node('Sub', [p, node('Mul', [rates, node('Sign', [g])])]),
  sample(draw) {
    const n = draw.size()
    return { inputs: [{ shape: [n] }, { shape: [n] }, { shape: [1], positive: true }], attrs: {} }
  },
  memory: { over: 0 },
})

export function signDescent({ lr }) {
  check('signDescent: lr', lr, rules.positive)
  return {
    config: { kind: 'extend/sign-descent', lr },
    remembers: [],
    rateCount: 1,
    rates: () => [lr],
    emit: ({ builder, state, gradients, rates }) => builder.op(signStep, [state, gradients, rates]),
  }
}
