import { rowsAndWidth } from '../core/shape.ts'
import { logistic, softplus } from './shared/logistic.ts'
import { rowLoss } from './shared/row-loss.ts'

// loss_r = mean over i of log(1 + e^x[r, i]) − t[r, i] x[r, i], that is −t log σ(x) − (1 − t) log(1 − σ(x))
// dloss_r/dx[r, i] = (σ(x[r, i]) − t[r, i]) / width

export const [binaryCrossEntropy, binaryCrossEntropyVjp] = rowLoss('binary-cross-entropy', {
  formula: 'mean_i log(1 + e^x[r, i]) − t[r, i] x[r, i]',
  slopeFormula: '(σ(x[r, i]) − t[r, i]) / width',
  targets: 'floats',
  sampleTargets: { binary: true },
  loss(x, at, width, targets) {
    let sum = 0
    for (let i = at; i < at + width; i++) sum += softplus(x[i]) - targets[i] * x[i]
    return sum / width
  },
  slope(out, x, at, width, targets, _, factor) {
    for (let i = at; i < at + width; i++) out[i] = (factor * (logistic(x[i]) - targets[i])) / width
  },
  onnx({ names: [x, targets], inputs, node, floats, int64s }) {
    const each = node('Sub', [node('Softplus', [x]), node('Mul', [targets, x])])
    const sum = node('ReduceSum', [each, int64s([-1], [1])], { keepdims: 0 })
    return node('Mul', [sum, floats([1 / rowsAndWidth(inputs[0])[1]], [])])
  },
  onnxSlope: ({ names: [x, targets], inputs, node, floats }) =>
    node('Mul', [node('Sub', [node('Sigmoid', [x]), targets]), floats([1 / rowsAndWidth(inputs[0])[1]], [])]),
})
