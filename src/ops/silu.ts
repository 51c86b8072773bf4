import { elementwise } from './shared/elementwise.ts'
import { logistic } from './shared/logistic.ts'

// y = x σ(x)        dx = g (σ(x) + x σ(x) (1 − σ(x)))        Hendrycks, Gimpel 2016 §2; Ramachandran et al. 2017 ("swish")

export const [silu, siluVjp] = elementwise('silu', {
  formula: 'y = x σ(x)',
  value: (x) => x * logistic(x),
  slopeFormula: 'dx = g σ(x) (1 + x (1 − σ(x)))',
  slope: (x) => logistic(x) * (1 + x * logistic(-x)),
  onnx: (x, { node }) => node('Mul', [x, node('Sigmoid', [x])]),
  onnxSlope(x, { node, floats }) {
    const steep = node('Mul', [x, node('Sigmoid', [node('Neg', [x])])])
    return node('Mul', [node('Sigmoid', [x]), node('Add', [floats([1], []), steep])])
  },
})
