import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { lowerOntoLabels } from './shared/label-tokens.ts'
import { FLOAT } from './shared/onnx.ts'

// Tokens are exemplar, label, exemplar, label, …, query: label i of P stands at position 2i + 1 of 2P + 1.
// pattern[b, 2i + 1] = strength / n where labels[b, i] = targets[b], (1 − strength) / (P − n) on the other labels,
// 0 on exemplars; n = how many labels equal the target. With n = 0 or n = P there is only one kind of label token,
// and each gets 1 / P.          labels int [batch, P], targets int [batch], pattern [batch, 1, 1, 2P + 1]
// What the last row of an induction head would be: Singh et al. 2024 (arXiv 2404.07129), for P = 2; here any P.

interface InductionAttrs {
  /** Mass on the label tokens that hold the answer. */
  readonly strength: number
}

export const inductionPattern = defineOp({
  name: 'induction-pattern',
  formula:
    'pattern[b, 2i+1] = labels[b, i] = targets[b] ? strength / n[b] : (1 − strength) / (P − n[b]); 1 / P when n[b] is 0 or P; 0 on exemplars',
  infer(inputs, _attrs: InductionAttrs) {
    const [labels, targets] = inputs
    requireInputs(
      'induction-pattern',
      inputs,
      'labels int [batch, P] with P ≥ 1, targets int [batch]',
      inputs.length === 2 &&
        inputs.every(({ dtype }) => dtype === 'int') &&
        labels.shape.length === 2 &&
        labels.shape[1] >= 1 &&
        targets.shape.length === 1 &&
        targets.shape[0] === labels.shape[0],
    )
    const [batch, pairs] = labels.shape
    return float([batch, 1, 1, 2 * pairs + 1])
  },
  forward(out, [labels, targets], { attrs: { strength }, inputs: [[batch, pairs]] }) {
    const length = 2 * pairs + 1
    for (let b = 0; b < batch; b++) {
      let matching = 0
      for (let i = 0; i < pairs; i++) if (labels[b * pairs + i] === targets[b]) matching++
      const mixed = matching > 0 && matching < pairs
      const hit = mixed ? strength / matching : 1 / pairs
      const miss = mixed ? (1 - strength) / (pairs - matching) : 1 / pairs
      for (let position = 0; position < length; position += 2) out[b * length + position] = 0
      for (let i = 0; i < pairs; i++) {
        out[b * length + 2 * i + 1] = labels[b * pairs + i] === targets[b] ? hit : miss
      }
    }
  },
  vjp: 'none',
  axes: loops('b *, b -> b * * *'),
  onnx(context) {
    const {
      names: [labels, targets],
      attrs: { strength },
      inputs: [[, pairs]],
      node,
      floats,
      int64s,
    } = context
    const last = int64s([1], [1])
    const one = floats([1], [])
    const equal = node('Equal', [labels, node('Unsqueeze', [targets, last])])
    const matching = node('ReduceSum', [node('Cast', [equal], { to: FLOAT }), last], { keepdims: 1 })
    const others = node('Sub', [floats([pairs], []), matching])
    // Counts of 0 are raised to 1 only to keep the division finite: `mixed` discards those rows.
    const hit = node('Div', [floats([strength], []), node('Max', [matching, one])])
    const miss = node('Div', [floats([1 - strength], []), node('Max', [others, one])])
    const mixed = node('Greater', [node('Mul', [matching, others]), floats([0], [])])
    const weights = node('Where', [mixed, node('Where', [equal, hit, miss]), floats([1 / pairs], [])])
    return lowerOntoLabels(weights, context)
  },
  sample(draw) {
    const [batch, pairs] = [draw.size(5), draw.size(7)]
    return {
      inputs: [
        { shape: [batch, pairs], below: 3 },
        { shape: [batch], below: 3 },
      ],
      attrs: { strength: draw.number(0, 1) },
    }
  },
})
