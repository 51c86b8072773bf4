import { type Shape, showShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { withRows } from './shared/axes.ts'
import { drawRepeated, drawShape, repeatedIndex, repeatsTo } from './shared/repeat.ts'

// y [shape] = Σ x over the axes that `shape` lacks or has as 1; the opposite of broadcast
// dx = dy, repeated

export const reduceSum = defineOp<'reduce-sum', { readonly shape: Shape }>({
  name: 'reduce-sum',
  formula: 'y = Σ x, down to a shape that repeats to that of x',
  infer(inputs, { shape }) {
    const [x] = inputs
    requireInputs(
      'reduce-sum',
      inputs,
      `one float to whose shape ${showShape(shape)} repeats`,
      inputs.length === 1 && x.dtype === 'float' && repeatsTo(shape, x.shape),
    )
    return float(shape)
  },
  forward(out, [x], { inputs, shape }) {
    out.fill(0)
    for (let i = 0; i < x.length; i++) out[repeatedIndex(i, inputs[0], shape)] += x[i]
  },
  vjp: ({ inputs: [x], gradient, emit, shapeOf }) => emit('broadcast', [gradient], { shape: shapeOf(x) }),
  axes({ inputs: [x], shape }) {
    const lead = x.length - shape.length
    return {
      output: shape.map((length, axis) => {
        const own = lead + axis
        return x[own] === length ? { over: [own], attrs: (attrs, rows) => withRows(attrs, axis, rows) } : null
      }),
      linear: [0],
    }
  },
  onnx({ names: [x], inputs: [from], shape, node, int64s }) {
    const lead = from.length - shape.length
    const summed = from.flatMap((n, axis) => (axis < lead || shape[axis - lead] !== n ? [axis] : []))
    const sum = node('ReduceSum', [x, int64s(summed, [summed.length])], { keepdims: 1, noop_with_empty_axes: 1 })
    const gone = Array.from({ length: lead }, (_, axis) => axis)
    return lead === 0 ? sum : node('Squeeze', [sum, int64s(gone, [lead])])
  },
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }], attrs: { shape: drawRepeated(draw, shape) } }
  },
})
