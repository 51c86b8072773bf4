import { sameShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'

// y = a + b        a, b, y all of one shape
// da = db = dy

export const add = defineOp({
  name: 'add',
  formula: 'y = a + b',
  infer(inputs) {
    const [a, b] = inputs
    requireInputs(
      'add',
      inputs,
      'two floats a and b of the same shape',
      inputs.length === 2 && a.dtype === 'float' && b.dtype === 'float' && sameShape(a.shape, b.shape),
    )
    return float(a.shape)
  },
  forward(out, [a, b]) {
    for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i]
  },
  vjp: ({ gradient }) => gradient,
  axes: eachElement(),
  onnx: ({ names: [a, b], node }) => node('Add', [a, b]),
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }, { shape }], attrs: {} }
  },
  memory: { over: 0 },
})
