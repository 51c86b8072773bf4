import { rowsAndWidth, sameShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachRow } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'
import { withWidth } from './shared/rows.ts'

// y [rows…, Σ widths] = the rows of all inputs, one after the other along the last axis        x_i [rows…, width_i]
// dx_i = take dy

export const concat = defineOp({
  name: 'concat',
  formula: 'y[r, :] = (x_0[r, :], x_1[r, :], …)',
  infer(inputs) {
    const [first] = inputs
    requireInputs(
      'concat',
      inputs,
      'at least one float [rows…, width], all with the same rows',
      inputs.length > 0 &&
        inputs.every(
          ({ shape, dtype }) =>
            dtype === 'float' && shape.length > 0 && sameShape(withWidth(shape, 0), withWidth(first.shape, 0)),
        ),
    )
    return float(
      withWidth(
        first.shape,
        inputs.reduce((sum, { shape }) => sum + shape[shape.length - 1], 0),
      ),
    )
  },
  forward(out, inputs, { inputs: shapes, shape }) {
    const [rows, width] = rowsAndWidth(shape)
    let start = 0
    inputs.forEach((x, i) => {
      const [, own] = rowsAndWidth(shapes[i])
      for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) out[r * width + start + c] = x[r * own + c]
      start += own
    })
  },
  vjp({ inputs, gradient, emit, shapeOf }, index) {
    const widthOf = (input: number) => shapeOf(input)[shapeOf(input).length - 1]
    const start = inputs.slice(0, index).reduce((sum, input) => sum + widthOf(input), 0)
    const indices = Array.from({ length: widthOf(inputs[index]) }, (_, i) => start + i)
    return emit('take', [gradient], { axis: shapeOf(gradient).length - 1, indices })
  },
  axes: eachRow(),
  onnx: ({ names, node }) => node('Concat', names, { axis: -1 }),
  sample(draw) {
    const shape = drawShape(draw)
    return {
      inputs: Array.from({ length: draw.size(3) }, () => ({ shape: withWidth(shape, draw.size(6)) })),
      attrs: {},
    }
  },
})
