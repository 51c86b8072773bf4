import { exp } from '../core/exact-math.ts'
import { expTotal, logSumExp } from '../core/log-sum-exp.ts'
import { rowsAndWidth, sameShape } from '../core/shape.ts'
import {
  type Draw,
  defineOp,
  float,
  type OnnxContext,
  requireInputs,
  type SampleInput,
  type ValueType,
} from './define.ts'
import { none } from './shared/axes.ts'
import { INT64 } from './shared/onnx.ts'
import { drawShape } from './shared/repeat.ts'

// loss = mean over rows with target ≥ 0 of −log softmax(logits)[target]     logits [rows…, vocab], targets int [rows…]
// dlogits = g (softmax(logits) − onehot(target)) / count on those rows, 0 on the others; count = how many there are
// Targets are below vocab; −1 marks a row that has no target. With no target at all the loss is 0.

const expected = 'logits [rows…, vocab], targets int [rows…]'

export const crossEntropy = defineOp({
  name: 'cross-entropy',
  formula: 'loss = mean over r with target[r] ≥ 0 of −log softmax_vocab(logits[r, vocab])[target[r]]',
  infer(inputs) {
    requireInputs('cross-entropy', inputs, expected, inputs.length === 2 && targetsFit(inputs))
    return float([])
  },
  forward(out, [logits, targets], { inputs }) {
    const [rows, vocab] = rowsAndWidth(inputs[0])
    let [sum, count] = [0, 0]
    for (let r = 0; r < rows; r++) {
      if (targets[r] < 0) continue
      sum += logSumExp(logits, r * vocab, vocab) - logits[r * vocab + targets[r]]
      count++
    }
    out[0] = count === 0 ? 0 : sum / count
  },
  vjp: ({ inputs: [logits, targets], gradient, emit }) => emit('cross-entropy.vjp', [logits, targets, gradient]),
  axes: none,
  onnx(context) {
    const { names, node, floats, int64s } = context
    const last = int64s([-1], [1])
    const { counted, index, count } = lowerTargets(context)
    const logProbabilities = node('LogSoftmax', [names[0]], { axis: -1 })
    const picked = node('GatherElements', [logProbabilities, node('Unsqueeze', [index, last])], { axis: -1 })
    const kept = node('Where', [counted, node('Squeeze', [picked, last]), floats([0], [])])
    return node('Neg', [node('Div', [node('ReduceSum', [kept], { keepdims: 0 }), count])])
  },
  sample: (draw) => ({ inputs: sampleLogitsAndTargets(draw), attrs: {} }),
})

export const crossEntropyVjp = defineOp({
  name: 'cross-entropy.vjp',
  formula: 'dlogits[r, vocab] = target[r] ≥ 0 ? g (softmax_vocab(logits[r, vocab]) − [vocab = target[r]]) / count : 0',
  infer(inputs) {
    const fits = inputs.length === 3 && targetsFit(inputs) && inputs[2].shape.length === 0
    requireInputs('cross-entropy.vjp', inputs, `${expected}, g []`, fits)
    return float(inputs[0].shape)
  },
  forward(out, [logits, targets, g], { shape }) {
    const [rows, vocab] = rowsAndWidth(shape)
    let count = 0
    for (let r = 0; r < rows; r++) if (targets[r] >= 0) count++
    for (let r = 0; r < rows; r++) {
      const { max, total } = expTotal(logits, r * vocab, vocab)
      for (let i = 0; i < vocab; i++) {
        const at = r * vocab + i
        const difference = exp(logits[at] - max) / total - (i === targets[r] ? 1 : 0)
        out[at] = targets[r] < 0 ? 0 : (g[0] * difference) / count
      }
    }
  },
  vjp: 'none',
  // The count ties all rows together.
  axes: none,
  onnx(context) {
    const { names, shape, node, floats, int64s } = context
    const [, vocab] = rowsAndWidth(shape)
    const { counted, index, count } = lowerTargets(context)
    // OneHot would refuse a single target without axes.
    const classes = int64s(
      Array.from({ length: vocab }, (_, i) => i),
      [vocab],
    )
    const last = int64s([-1], [1])
    const isTarget = node('Equal', [node('Unsqueeze', [index, last]), classes])
    const oneHot = node('Where', [isTarget, floats([1], []), floats([0], [])])
    const difference = node('Sub', [node('Softmax', [names[0]], { axis: -1 }), oneHot])
    const scaled = node('Mul', [difference, node('Div', [names[2], count])])
    return node('Where', [node('Unsqueeze', [counted, last]), scaled, floats([0], [])])
  },
  sample: (draw) => ({ inputs: [...sampleLogitsAndTargets(draw), { shape: [] }], attrs: {} }),
})

function targetsFit([logits, targets]: readonly ValueType[]): boolean {
  return logits.shape.length >= 1 && targets.dtype === 'int' && sameShape(logits.shape.slice(0, -1), targets.shape)
}

/** Which rows count [rows…], a safe index for each [rows…] (0 where ignored), and how many count (at least 1) []. */
function lowerTargets({ names: [, targets], node, floats, int64s }: OnnxContext<unknown>) {
  const zero = int64s([0], [])
  const wide = node('Cast', [targets], { to: INT64 })
  const counted = node('GreaterOrEqual', [wide, zero])
  const index = node('Where', [counted, wide, zero])
  const ones = node('Where', [counted, floats([1], []), floats([0], [])])
  const count = node('Max', [node('ReduceSum', [ones], { keepdims: 0 }), floats([1], [])])
  return { counted, index, count }
}

function sampleLogitsAndTargets(draw: Draw): SampleInput[] {
  const shape = drawShape(draw)
  const from = draw.pick([0, -1])
  return [{ shape }, { shape: shape.slice(0, -1), below: shape[shape.length - 1], from }]
}
