import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { defineOp, requireInputs } from './define.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y [shape] = x, the same elements in the same order; a view, so nothing moves
// dx = dy in the shape of x

export const reshape = defineOp<'reshape', { readonly shape: Shape }>({
  name: 'reshape',
  formula: 'y = x in another shape',
  infer(inputs, { shape }) {
    const [x] = inputs
    requireInputs(
      'reshape',
      inputs,
      `one value of ${sizeOf(shape)} elements, for shape ${showShape(shape)}`,
      inputs.length === 1 && sizeOf(x.shape) === sizeOf(shape),
    )
    return { shape, dtype: x.dtype }
  },
  forward(out, [x]) {
    out.set(x)
  },
  vjp: ({ inputs: [x], gradient, emit, shapeOf }) => emit('reshape', [gradient], { shape: shapeOf(x) }),
  // An axis stays an axis where it has the same length and as many elements come before it.
  rowwise({ inputs: [from], shape }) {
    return shape.map((length, axis) => {
      const before = sizeOf(shape.slice(0, axis))
      const own = from.findIndex((n, i) => n === length && sizeOf(from.slice(0, i)) === before)
      return own < 0 ? null : [own]
    })
  },
  resize: ({ shape }, axis, length) => ({ shape: withLength(shape, axis, length) }),
  onnx: ({ names: [x], shape, node, int64s }) => node('Reshape', [x, int64s(shape, [shape.length])]),
  sample(draw) {
    const from = drawShape(draw)
    const n = sizeOf(from)
    const to = draw.pick([[n], [1, n], [...from, 1], [from[0], n / from[0]], [n / from[0], from[0]]])
    return { inputs: [draw.pick([{ shape: from }, { shape: from, below: 9 }])], attrs: { shape: to } }
  },
  alias: 'view',
})
