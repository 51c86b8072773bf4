import { type Shape, showShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachElement, withRows } from './shared/axes.ts'
import { drawRepeated, drawShape, repeatedIndex, repeatsTo } from './shared/repeat.ts'

// y [shape] = x, repeated along missing axes and axes of 1
// dx = Σ_repeated dy

export const broadcast = defineOp<'broadcast', { readonly shape: Shape }>({
  name: 'broadcast',
  formula: 'y = x, repeated to a shape',
  infer(inputs, { shape }) {
    const [x] = inputs
    requireInputs(
      'broadcast',
      inputs,
      `one float that repeats to ${showShape(shape)}`,
      inputs.length === 1 && x.dtype === 'float' && repeatsTo(x.shape, shape),
    )
    return float(shape)
  },
  forward(out, [x], { inputs, shape }) {
    for (let i = 0; i < out.length; i++) out[i] = x[repeatedIndex(i, shape, inputs[0])]
  },
  vjp: ({ inputs: [x], gradient, emit, shapeOf }) => emit('reduce-sum', [gradient], { shape: shapeOf(x) }),
  axes: eachElement({ linear: [0], attrs: withRows }),
  onnx: ({ names: [x], shape, node, int64s }) => node('Expand', [x, int64s(shape, [shape.length])]),
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape: drawRepeated(draw, shape) }], attrs: { shape } }
  },
})
