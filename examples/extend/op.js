// A new op: y = x / (1 + |x|). Its gradient is a node like any other, and is defined with it.
import { elementwise } from 'opsin/extend'

const gate = (x) => 1 / (1 + Math.abs(x))

export const [softsign, softsignVjp] = elementwise('extend/softsign', {
  formula: 'y = x / (1 + |x|)',
  value: (x) => x * gate(x),
  slopeFormula: 'dx = g / (1 + |x|)²',
  slope: (x) => gate(x) ** 2,
  onnx: (x, { node }) => node('Softsign', [x]),
  onnxSlope(x, { node, floats }) {
    const size = node('Add', [floats([1], []), node('Abs', [x])])
    return node('Div', [floats([1], []), node('Mul', [size, size])])
  },
})
