// A new objective: the mean absolute difference, made of ops that there are and one of its own.
import { defineObjective, rowLoss } from 'opsin/extend'

export const [absoluteError, absoluteErrorVjp] = rowLoss('extend/absolute-error', {
  formula: 'mean_i |x[r, i] − t[r, i]|',
  slopeFormula: 'sign(x[r, i] − t[r, i]) / width',
  targets: 'floats',
  loss(x, at, width, targets) {
    let sum = 0
    for (let i = at; i < at + width; i++) sum += Math.abs(x[i] - targets[i])
    return sum / width
  },
  slope(out, x, at, width, targets, _, factor) {
    for (let i = at; i < at + width; i++) out[i] = (factor * Math.sign(x[i] - targets[i])) / width
  },
  onnx: ({ names: [x, targets], node, int64s }) =>
    node('ReduceMean', [node('Abs', [node('Sub', [x, targets])]), int64s([-1], [1])], { keepdims: 0 }),
  onnxSlope: ({ names: [x, targets], inputs: [shape], node, floats }) =>
    node('Div', [node('Sign', [node('Sub', [x, targets])]), floats([shape[shape.length - 1]], [])]),
})

export const meanAbsoluteError = defineObjective('extend/absolute-error', {}, () => ({
  emit(predictions) {
    const targets = predictions.input('targets', [...predictions.rows, predictions.outputs])
    return predictions.op(absoluteError, [predictions.logits, targets])
  },
}))
