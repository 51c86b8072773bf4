import { rowsAndWidth } from '../core/shape.ts'
import { rowLoss } from './shared/row-loss.ts'

// loss_r = mean over i of (x[r, i] − t[r, i])²        dloss_r/dx[r, i] = 2 (x[r, i] − t[r, i]) / width

export const [squaredError, squaredErrorVjp] = rowLoss('squared-error', {
  formula: 'mean_i (x[r, i] − t[r, i])²',
  slopeFormula: '2 (x[r, i] − t[r, i]) / width',
  targets: 'floats',
  loss(x, at, width, targets) {
    let sum = 0
    for (let i = at; i < at + width; i++) sum += (x[i] - targets[i]) ** 2
    return sum / width
  },
  slope(out, x, at, width, targets, _, factor) {
    for (let i = at; i < at + width; i++) out[i] = (2 * factor * (x[i] - targets[i])) / width
  },
  onnx({ names: [x, targets], inputs, node, floats, int64s }) {
    const difference = node('Sub', [x, targets])
    const sum = node('ReduceSum', [node('Mul', [difference, difference]), int64s([-1], [1])], { keepdims: 0 })
    return node('Mul', [sum, floats([1 / rowsAndWidth(inputs[0])[1]], [])])
  },
  onnxSlope: ({ names: [x, targets], inputs, node, floats }) =>
    node('Mul', [node('Sub', [x, targets]), floats([2 / rowsAndWidth(inputs[0])[1]], [])]),
})
