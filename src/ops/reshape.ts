import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { defineOp, requireInputs } from './define.ts'
import { withRows } from './shared/axes.ts'
import { onnxReshape } from './shared/onnx.ts'
import { drawShape } from './shared/repeat.ts'

// y [shape] = x, the same elements in the same order; a view, so nothing moves
// dx = dy in the shape of x

interface Attrs {
  readonly shape: Shape
}

export const reshape = defineOp<'reshape', Attrs>({
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
  // An axis is one of x where as many elements come before it and it has the same length, or a multiple or a part of it:
  // it was split or merged, and rows go in blocks. All axes of x that begin there have length 1, but for the last.
  axes({ inputs: [from], shape }) {
    const output = shape.map((length, axis) => {
      const before = sizeOf(shape.slice(0, axis))
      const begin = [...from.keys()].filter((i) => sizeOf(from.slice(0, i)) === before)
      const last = begin[begin.length - 1]
      const own = begin.find((i) => from[i] === length) ?? last
      if (own === undefined || (from[own] % length !== 0 && length % from[own] !== 0)) return null
      return { over: [own], attrs: (attrs: Attrs, rows: readonly number[]) => withRows(attrs, axis, rows) }
    })
    return { output, linear: [0] }
  },
  onnx: (context) => onnxReshape(context, context.names[0], context.inputs[0], context.shape),
  sample(draw) {
    const from = drawShape(draw)
    const n = sizeOf(from)
    const to = draw.pick([[n], [1, n], [...from, 1], [from[0], n / from[0]], [n / from[0], from[0]]])
    return { inputs: [draw.pick([{ shape: from }, { shape: from, below: 9 }])], attrs: { shape: to } }
  },
  memory: 'view',
})
