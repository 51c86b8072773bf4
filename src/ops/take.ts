import { sizeOf } from '../core/shape.ts'
import { defineOp, type Rows } from './define.ts'
import { drawIndices, otherAxes, requireIndices, shapeWithAxis } from './shared/along-axis.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y[…, i, …] = x[…, indices[i], …]        along one axis; indices may repeat and come in any order
// dx = put dy

export const take = defineOp<'take', Rows>({
  name: 'take',
  formula: 'y[…, i, …] = x[…, indices[i], …]',
  infer(inputs, { axis, indices }) {
    const shape = shapeWithAxis('take', inputs, axis)
    requireIndices('take', indices, shape, axis)
    return { shape: withLength(shape, axis, indices.length), dtype: inputs[0].dtype }
  },
  forward(out, [x], { attrs: { axis, indices }, inputs: [from] }) {
    const inner = sizeOf(from.slice(axis + 1))
    for (let i = 0; i < out.length; i++) {
      const row = Math.floor(i / inner)
      const outer = Math.floor(row / indices.length)
      out[i] = x[(outer * from[axis] + indices[row % indices.length]) * inner + (i % inner)]
    }
  },
  vjp({ attrs: { axis, indices }, inputs: [x], gradient, emit, shapeOf }) {
    return emit('put', [gradient], { axis, indices, length: shapeOf(x)[axis] })
  },
  rowwise: otherAxes,
  linearIn: () => [0],
  onnx({ names: [x], attrs: { axis, indices }, node, int64s }) {
    return node('Gather', [x, int64s(indices, [indices.length])], { axis })
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    const input = draw.pick([{ shape }, { shape, below: 9 }])
    return { inputs: [input], attrs: { axis, indices: drawIndices(draw, shape[axis]) } }
  },
  selects: ({ axis, indices }) => ({ axis, indices }),
})
