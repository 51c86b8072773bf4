import { exp } from '../core/exact-math.ts'
import { logSumExp } from '../core/log-sum-exp.ts'
import { rowsAndWidth } from '../core/shape.ts'
import type { OnnxContext } from './define.ts'
import { INT64 } from './shared/onnx.ts'
import { rowLoss } from './shared/row-loss.ts'

// loss_r = −log softmax(x[r])[target[r]]        dloss_r/dx[r, v] = softmax(x[r])[v] − [v = target[r]]
// As `cross-entropy`, with a weight per row.

export const [weightedCrossEntropy, weightedCrossEntropyVjp] = rowLoss('weighted-cross-entropy', {
  formula: '−log softmax_vocab(x[r, vocab])[target[r]]',
  slopeFormula: 'softmax_vocab(x[r, vocab]) − [vocab = target[r]]',
  targets: 'ids',
  loss: (x, at, width, targets, row) => logSumExp(x, at, width) - x[at + targets[row]],
  slope(out, x, at, width, targets, row, factor) {
    const total = logSumExp(x, at, width)
    for (let v = 0; v < width; v++) {
      out[at + v] = factor * (exp(x[at + v] - total) - (v === targets[row] ? 1 : 0))
    }
  },
  onnx(context) {
    const { names, node, floats } = context
    const picked = node('Where', [isTarget(context), node('LogSoftmax', [names[0]], { axis: -1 }), floats([0], [])])
    return node('Neg', [node('ReduceSum', [picked, context.int64s([-1], [1])], { keepdims: 0 })])
  },
  onnxSlope(context) {
    const { names, node, floats } = context
    const oneHot = node('Where', [isTarget(context), floats([1], []), floats([0], [])])
    return node('Sub', [node('Softmax', [names[0]], { axis: -1 }), oneHot])
  },
})

/** [rows…, vocab] */
function isTarget({ names: [, targets], inputs, node, int64s }: OnnxContext<unknown>): string {
  const [, width] = rowsAndWidth(inputs[0])
  const ids = int64s(
    Array.from({ length: width }, (_, v) => v),
    [width],
  )
  return node('Equal', [node('Unsqueeze', [node('Cast', [targets], { to: INT64 }), int64s([-1], [1])]), ids])
}
