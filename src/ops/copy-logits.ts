import type { NumberArray } from '../core/dtype.ts'
import { exp, log } from '../core/exact-math.ts'
import { sameShape } from '../core/shape.ts'
import { type Draw, defineOp, float, requireInputs, type SampleInput, type ValueType } from './define.ts'
import { loops } from './shared/axes.ts'
import { INT64 } from './shared/onnx.ts'

// logits[b, l] = log Σ_{i: labels[b, i] = l} exp(scores[b, i]) for a label l of the context, floor for any other
// dscores[b, i] = g[b, labels[b, i]] exp(scores[b, i] − logits[b, labels[b, i]])
//                              scores [batch, 1, 1, P], labels int [batch, P] below vocab, logits [batch, vocab]
// A head's pre-softmax scores at the label tokens become the model's output, so that its softmax is the output's:
// Singh et al. 2024 (arXiv 2404.07129), "perfect copy", where labels differ and a label's logit is the score itself.

interface CopyLogitsAttrs {
  readonly vocab: number
  /** The logit of a label that is not in the context, e.g. −1e9. */
  readonly floor: number
}

const expected = 'scores [batch, 1, 1, P], labels int [batch, P]'

/** Below any score, and finite: its exponential is 0 even after a maximum of −1e20 is subtracted. */
const ABSENT = -3e38

export const copyLogits = defineOp({
  name: 'copy-logits',
  formula: 'logits[b, l] = log Σ_i [labels[b, i] = l] exp(scores[b, i]) where some labels[b, i] = l, else floor',
  infer(inputs, { vocab }: CopyLogitsAttrs) {
    requireInputs('copy-logits', inputs, expected, inputs.length === 2 && labelsFit(inputs))
    return float([inputs[0].shape[0], vocab])
  },
  forward(out, [scores, labels], { attrs: { vocab, floor }, inputs: [, [batch, pairs]] }) {
    for (let b = 0; b < batch; b++) {
      for (let label = 0; label < vocab; label++) {
        const { max, total } = gather(scores, labels, b * pairs, pairs, label)
        out[b * vocab + label] = total === 0 ? floor : max + log(total)
      }
    }
  },
  vjp: ({ inputs: [scores, labels], gradient, emit }) => emit('copy-logits.vjp', [scores, labels, gradient]),
  axes: loops('b * * *, b * -> b *'),
  onnx({ names: [scores, labels], attrs: { vocab, floor }, node, floats, int64s }) {
    const wide = node('Cast', [labels], { to: INT64 })
    const oneHot = node('OneHot', [wide, int64s([vocab], []), floats([0, 1], [2])], { axis: 1 })
    const present = node('Greater', [oneHot, floats([0], [])])
    const rows = node('Squeeze', [scores, int64s([1], [1])])
    const perLabel = node('Where', [present, rows, floats([ABSENT], [])])
    const max = node('ReduceMax', [perLabel], { axes: [2], keepdims: 1 })
    const exps = node('Mul', [node('Exp', [node('Sub', [perLabel, max])]), oneHot])
    const total = node('ReduceSum', [exps, int64s([2], [1])], { keepdims: 1 })
    // A label of the context has a total of at least 1, its own maximum; the others have 0.
    const some = node('Greater', [total, floats([0], [])])
    const logSum = node('Add', [max, node('Log', [node('Max', [total, floats([1], [])])])])
    return node('Squeeze', [node('Where', [some, logSum, floats([floor], [])]), int64s([2], [1])])
  },
  sample(draw) {
    const vocab = draw.size(7)
    return { inputs: sampleScoresAndLabels(draw, vocab), attrs: { vocab, floor: draw.number(-20, -5) } }
  },
})

export const copyLogitsVjp = defineOp({
  name: 'copy-logits.vjp',
  formula: 'dscores[b, i] = g[b, labels[b, i]] exp(scores[b, i]) / Σ_j [labels[b, j] = labels[b, i]] exp(scores[b, j])',
  infer(inputs) {
    const [scores, labels, g] = inputs
    requireInputs(
      'copy-logits.vjp',
      inputs,
      `${expected}, g [batch, vocab]`,
      inputs.length === 3 && labelsFit(inputs) && g.shape.length === 2 && g.shape[0] === labels.shape[0],
    )
    return float(scores.shape)
  },
  forward(out, [scores, labels, g], { inputs: [, [batch, pairs], [, vocab]] }) {
    for (let b = 0; b < batch; b++) {
      for (let i = b * pairs; i < (b + 1) * pairs; i++) {
        const { max, total } = gather(scores, labels, b * pairs, pairs, labels[i])
        out[i] = (g[b * vocab + labels[i]] * exp(scores[i] - max)) / total
      }
    }
  },
  vjp: 'none',
  axes: loops('b * * *, b *, b * -> b * * *', { linear: [2] }),
  onnx({ names: [scores, labels, g], inputs: [, [, pairs]], node, floats, int64s }) {
    const wide = node('Cast', [labels], { to: INT64 })
    const same = node('Equal', [
      node('Unsqueeze', [wide, int64s([2], [1])]),
      node('Unsqueeze', [wide, int64s([1], [1])]),
    ])
    const rows = node('Squeeze', [scores, int64s([1], [1])])
    const shares = node('Softmax', [node('Where', [same, rows, floats([ABSENT], [])])], { axis: -1 })
    // Row i of `shares` is the softmax among the tokens with label i; token i's own share is on the diagonal.
    const diagonal = floats(
      Array.from({ length: pairs ** 2 }, (_, at) => Number(at % (pairs + 1) === 0)),
      [1, pairs, pairs],
    )
    const own = node('ReduceSum', [node('Mul', [shares, diagonal]), int64s([2], [1])], { keepdims: 0 })
    const picked = node('GatherElements', [g, wide], { axis: 1 })
    return node('Unsqueeze', [node('Mul', [own, picked]), int64s([1, 2], [2])])
  },
  sample(draw) {
    const vocab = draw.size(7)
    const [scores, labels] = sampleScoresAndLabels(draw, vocab)
    return { inputs: [scores, labels, { shape: [scores.shape[0], vocab] }], attrs: {} }
  },
})

function labelsFit([scores, labels]: readonly ValueType[]): boolean {
  if (labels.dtype !== 'int' || labels.shape.length !== 2) return false
  const [batch, pairs] = labels.shape
  return sameShape(scores.shape, [batch, 1, 1, pairs])
}

/** log Σ exp of the scores at the tokens that hold `label` is max + log total; total is 0 where there are none. */
function gather(scores: NumberArray, labels: NumberArray, start: number, pairs: number, label: number) {
  let max = -Infinity
  for (let i = start; i < start + pairs; i++) if (labels[i] === label) max = Math.max(max, scores[i])
  let total = 0
  for (let i = start; i < start + pairs; i++) if (labels[i] === label) total += exp(scores[i] - max)
  return { max, total }
}

function sampleScoresAndLabels(draw: Draw, vocab: number): SampleInput[] {
  const [batch, pairs] = [draw.size(4), draw.size(7)]
  return [{ shape: [batch, 1, 1, pairs] }, { shape: [batch, pairs], below: vocab }]
}
