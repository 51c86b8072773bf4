import { exp } from '../core/exact-math.ts'
import { logSumExp } from '../core/log-sum-exp.ts'
import { rowLoss } from './shared/row-loss.ts'

// loss_r = −Σ_v t[r, v] log softmax(x[r])[v]        dloss_r/dx[r, v] = softmax(x[r])[v] Σ t[r] − t[r, v]
// Targets are a distribution over the vocabulary; they need not sum to 1.

export const [softCrossEntropy, softCrossEntropyVjp] = rowLoss('soft-cross-entropy', {
  formula: '−Σ_vocab t[r, vocab] log softmax_vocab(x[r, vocab])',
  slopeFormula: 'softmax_vocab(x[r, vocab]) Σ t[r] − t[r, vocab]',
  targets: 'floats',
  sampleTargets: { positive: true },
  loss(x, at, width, targets) {
    const total = logSumExp(x, at, width)
    let sum = 0
    for (let v = 0; v < width; v++) sum += targets[at + v] * (total - x[at + v])
    return sum
  },
  slope(out, x, at, width, targets, _, factor) {
    const total = logSumExp(x, at, width)
    let mass = 0
    for (let v = 0; v < width; v++) mass += targets[at + v]
    for (let v = 0; v < width; v++) out[at + v] = factor * (exp(x[at + v] - total) * mass - targets[at + v])
  },
  onnx({ names: [x, targets], node, int64s }) {
    const products = node('Mul', [targets, node('LogSoftmax', [x], { axis: -1 })])
    return node('Neg', [node('ReduceSum', [products, int64s([-1], [1])], { keepdims: 0 })])
  },
  onnxSlope({ names: [x, targets], node, int64s }) {
    const mass = node('ReduceSum', [targets, int64s([-1], [1])], { keepdims: 1 })
    return node('Sub', [node('Mul', [node('Softmax', [x], { axis: -1 }), mass]), targets])
  },
})
