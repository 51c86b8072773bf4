import { defineOp, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'

// y = x, dx = 0: cuts the gradient, moves no bytes.      x [any], y the same

export const stopGradient = defineOp({
  name: 'stop-gradient',
  formula: 'y = x, with no gradient',
  infer(inputs) {
    requireInputs('stop-gradient', inputs, 'one value', inputs.length === 1)
    const [{ shape, dtype }] = inputs
    return { shape, dtype }
  },
  forward(out, [x]) {
    out.set(x)
  },
  vjp: () => 'blocked',
  axes: eachElement({ linear: [0] }),
  onnx: ({ names: [x], node }) => node('Identity', [x]),
  sample: (draw) => ({ inputs: [{ shape: [draw.size(), draw.size()] }], attrs: {} }),
  memory: 'view',
})
