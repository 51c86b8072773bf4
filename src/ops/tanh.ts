import { elementwise } from './shared/elementwise.ts'

// y = tanh x        dx = g (1 − tanh² x)

export const [tanh, tanhVjp] = elementwise('tanh', {
  formula: 'y = tanh x',
  value: Math.tanh,
  slopeFormula: 'dx = g (1 − tanh² x)',
  slope: (x) => 1 - Math.tanh(x) ** 2,
  onnx: (x, { node }) => node('Tanh', [x]),
  onnxSlope(x, { node, floats }) {
    const t = node('Tanh', [x])
    return node('Sub', [floats([1], []), node('Mul', [t, t])])
  },
})
