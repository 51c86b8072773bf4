import { elementwise } from './shared/elementwise.ts'
import { logistic } from './shared/logistic.ts'

// y = σ(x) = 1 / (1 + e^−x)        dx = g σ(x) (1 − σ(x))

export const [sigmoid, sigmoidVjp] = elementwise('sigmoid', {
  formula: 'y = σ(x) = 1 / (1 + e^−x)',
  value: logistic,
  slopeFormula: 'dx = g σ(x) (1 − σ(x))',
  slope: (x) => logistic(x) * logistic(-x),
  onnx: (x, { node }) => node('Sigmoid', [x]),
  onnxSlope: (x, { node }) => node('Mul', [node('Sigmoid', [x]), node('Sigmoid', [node('Neg', [x])])]),
})
