import { sameShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'
import { drawRepeated, drawShape, repeatedIndex, repeatsTo } from './shared/repeat.ts'

// y = a · b        a, y of one shape; b repeats to it
// da = dy · b      db = Σ_repeated dy · a

export const multiply = defineOp({
  name: 'multiply',
  formula: 'y = a · b, b repeated to the shape of a',
  infer(inputs) {
    const [a, b] = inputs
    requireInputs(
      'multiply',
      inputs,
      'two floats a and b, where b repeats to the shape of a',
      inputs.length === 2 && a.dtype === 'float' && b.dtype === 'float' && repeatsTo(b.shape, a.shape),
    )
    return float(a.shape)
  },
  forward(out, [a, b], { inputs, shape }) {
    for (let i = 0; i < out.length; i++) out[i] = a[i] * b[repeatedIndex(i, shape, inputs[1])]
  },
  vjp({ inputs: [a, b], gradient, emit, shapeOf }, index) {
    if (index === 0) return emit('multiply', [gradient, b])
    const product = emit('multiply', [gradient, a])
    const shape = shapeOf(b)
    return sameShape(shape, shapeOf(a)) ? product : emit('reduce-sum', [product], { shape })
  },
  axes: eachElement({ linear: [0, 1] }),
  onnx: ({ names: [a, b], node }) => node('Mul', [a, b]),
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }, { shape: drawRepeated(draw, shape) }], attrs: {} }
  },
  memory: { over: 0 },
})
