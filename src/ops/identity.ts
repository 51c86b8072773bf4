import { defineOp, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'

// y = x, dx = dy: another node with the same value, a view.      x [any], y the same
// A splice makes one, so that two hook points are never one node: what is done to one would be done to the other.

export const identity = defineOp({
  name: 'identity',
  formula: 'y = x',
  infer(inputs) {
    requireInputs('identity', inputs, 'one value', inputs.length === 1)
    const [{ shape, dtype }] = inputs
    return { shape, dtype }
  },
  forward(out, [x]) {
    out.set(x)
  },
  vjp: ({ gradient }) => gradient,
  axes: eachElement({ linear: [0] }),
  onnx: ({ names: [x], node }) => node('Identity', [x]),
  sample: (draw) => ({ inputs: [{ shape: [draw.size(), draw.size()] }], attrs: {} }),
  memory: 'view',
  // If neither of the two is read by its name, they are one.
  rewrites: [{ kind: 'simplify', offer: ({ inputs: [x] }, { look }) => (look(x) === undefined ? undefined : x) }],
})
