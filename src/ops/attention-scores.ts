import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { onnxByHead, onnxTranspose } from './shared/onnx.ts'

// scores[b, h, n, m] = scale Σ_d q[b, n, h, d] k[b, m, h, d]     q [batch, query, head, d_head], k [batch, key, head, d_head]
// dq[b, n, h, d] = scale Σ_m g[b, h, n, m] k[b, m, h, d]         dk[b, m, h, d] = scale Σ_n g[b, h, n, m] q[b, n, h, d]
// Vaswani et al. 2017 (arXiv 1706.03762) eq. 1, before mask and softmax.

interface AttentionScoresAttrs {
  /** Usually 1 / √d_head. */
  readonly scale: number
}

export const attentionScores = defineOp({
  name: 'attention-scores',
  formula: 'scores[b, h, query, key] = scale Σ_d q[b, query, h, d] k[b, key, h, d]',
  infer(inputs, _attrs: AttentionScoresAttrs) {
    const [q, k] = inputs
    requireInputs(
      'attention-scores',
      inputs,
      'q [batch, query, head, d_head], k [batch, key, head, d_head]',
      inputs.length === 2 &&
        q.shape.length === 4 &&
        k.shape.length === 4 &&
        [0, 2, 3].every((axis) => q.shape[axis] === k.shape[axis]),
    )
    const [batch, queries, heads] = q.shape
    return float([batch, heads, queries, k.shape[1]])
  },
  forward(out, [q, k], { attrs: { scale }, inputs, shape: [batch, heads, queries, keys] }) {
    const dHead = inputs[0][3]
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        for (let n = 0; n < queries; n++) {
          for (let m = 0; m < keys; m++) {
            const qStart = ((b * queries + n) * heads + h) * dHead
            const kStart = ((b * keys + m) * heads + h) * dHead
            let sum = 0
            for (let d = 0; d < dHead; d++) sum += q[qStart + d] * k[kStart + d]
            out[((b * heads + h) * queries + n) * keys + m] = scale * sum
          }
        }
      }
    }
  },
  vjp({ attrs: { scale }, inputs: [q, k], gradient, emit }, index) {
    if (index === 0) return emit('attention-mix', [gradient, k], { scale, transpose: false })
    return emit('attention-mix', [gradient, q], { scale, transpose: true })
  },
  axes: loops('b q h d, b k h d -> b h q k', { linear: [0, 1] }),
  onnx(context) {
    const {
      names: [q, k],
      attrs: { scale },
      node,
      floats,
    } = context
    // Scaled where it is smallest.
    const queries = node('Mul', [onnxByHead(context, q), floats([scale], [])])
    return node('MatMul', [queries, onnxTranspose(context, k, [0, 2, 3, 1])])
  },
  sample(draw) {
    const [batch, queries, keys, heads, dHead] = [3, 6, 6, 3, 6].map((max) => draw.size(max))
    return {
      inputs: [{ shape: [batch, queries, heads, dHead] }, { shape: [batch, keys, heads, dHead] }],
      attrs: { scale: draw.number(0.2, 2) },
    }
  },
})
