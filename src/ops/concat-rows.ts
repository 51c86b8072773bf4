import { defineOp, requireInputs } from './define.ts'
import { allBut } from './shared/axes.ts'
import { endToEnd } from './shared/end-to-end.ts'

// y [Σ rows, rest…] = the rows of x1, then those of x2, …        x [rows, rest…], floats
// dx_i = the rows of dy that came from x_i

export const concatRows = defineOp({
  name: 'concat-rows',
  formula: 'y = the rows of x1, then those of x2, …',
  infer(inputs) {
    const [first] = inputs
    requireInputs(
      'concat-rows',
      inputs,
      'at least one input, all floats [rows, rest…] with the same rest',
      inputs.length > 0 &&
        inputs.every(
          ({ shape, dtype }) =>
            dtype === 'float' &&
            shape.length === first.shape.length &&
            shape.every((n, axis) => axis === 0 || n === first.shape[axis]),
        ) &&
        first.shape.length > 0,
    )
    const rows = inputs.reduce((sum, { shape }) => sum + shape[0], 0)
    return { shape: [rows, ...first.shape.slice(1)], dtype: 'float' }
  },
  forward: endToEnd,
  vjp({ inputs, gradient, emit, shapeOf }, index) {
    const start = inputs.slice(0, index).reduce((sum, input) => sum + shapeOf(input)[0], 0)
    const indices = Array.from({ length: shapeOf(inputs[index])[0] }, (_, i) => start + i)
    return emit('take', [gradient], { axis: 0, indices })
  },
  axes: allBut(() => 0),
  onnx: ({ names, node }) => node('Concat', names, { axis: 0 }),
  sample(draw) {
    const rest = draw.pick([[draw.size(9)], [draw.size(3), draw.size(5)], []])
    return { inputs: Array.from({ length: draw.size(4) }, () => ({ shape: [draw.size(6), ...rest] })), attrs: {} }
  },
  memory: 'pack',
})
