import { elementwise, onnxIndicator } from './shared/elementwise.ts'

// y = max(x, 0)        dx = g [x > 0]        Nair, Hinton 2010

export const [relu, reluVjp] = elementwise('relu', {
  formula: 'y = max(x, 0)',
  value: (x) => (x > 0 ? x : 0),
  slopeFormula: 'dx = g [x > 0]',
  slope: (x) => (x > 0 ? 1 : 0),
  onnx: (x, { node }) => node('Relu', [x]),
  onnxSlope: (x, context) => onnxIndicator(context, context.node('Greater', [x, context.floats([0], [])])),
})
