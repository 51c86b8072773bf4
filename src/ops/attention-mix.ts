import { defineOp, float, type Ref, type Replacement, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { onnxByHead, onnxTranspose } from './shared/onnx.ts'

// z[b, n, h, d] = scale Σ_m p[b, h, n, m] v[b, m, h, d]          p [batch, head, query, key], v [batch, key, head, d_head]
// transposed: z[b, m, h, d] = scale Σ_n p[b, h, n, m] v[b, n, h, d], v [batch, query, head, d_head]
// dp = attention-scores of g with v (query side first)           dv = the same mix with the other transposition, of g
// Vaswani et al. 2017 (arXiv 1706.03762) eq. 1, after the softmax. The transposed form is what gradients need.

interface AttentionMixAttrs {
  readonly scale: number
  /** Sum over queries instead of keys. */
  readonly transpose: boolean
}

const overKeys = loops('b h q k, b k h d -> b q h d', { linear: [0, 1] })
const overQueries = loops('b h q k, b q h d -> b k h d', { linear: [0, 1] })

export const attentionMix = defineOp({
  name: 'attention-mix',
  formula:
    'z[b, query, h, d] = scale Σ_key p[b, h, query, key] v[b, key, h, d]; transpose: z[b, key, h, d] = scale Σ_query p[b, h, query, key] v[b, query, h, d]',
  infer(inputs, { transpose }: AttentionMixAttrs) {
    const [p, v] = inputs
    const [summed, kept] = transpose ? [2, 3] : [3, 2]
    requireInputs(
      'attention-mix',
      inputs,
      transpose
        ? 'p [batch, head, query, key], v [batch, query, head, d_head]'
        : 'p [batch, head, query, key], v [batch, key, head, d_head]',
      inputs.length === 2 &&
        p.shape.length === 4 &&
        v.shape.length === 4 &&
        p.shape[0] === v.shape[0] &&
        p.shape[1] === v.shape[2] &&
        p.shape[summed] === v.shape[1],
    )
    return float([p.shape[0], p.shape[kept], p.shape[1], v.shape[3]])
  },
  forward(out, [p, v], { attrs: { scale, transpose }, inputs, shape: [batch, rows, heads, dHead] }) {
    const [, , queries, keys] = inputs[0]
    const summed = inputs[1][1]
    for (let b = 0; b < batch; b++) {
      for (let row = 0; row < rows; row++) {
        for (let h = 0; h < heads; h++) {
          for (let d = 0; d < dHead; d++) {
            let sum = 0
            for (let i = 0; i < summed; i++) {
              const [n, m] = transpose ? [i, row] : [row, i]
              sum += p[((b * heads + h) * queries + n) * keys + m] * v[((b * summed + i) * heads + h) * dHead + d]
            }
            out[((b * rows + row) * heads + h) * dHead + d] = scale * sum
          }
        }
      }
    }
  },
  vjp({ attrs: { scale, transpose }, inputs: [p, v], gradient, emit }, index) {
    if (index === 1) return emit('attention-mix', [p, gradient], { scale, transpose: !transpose })
    return emit('attention-scores', transpose ? [v, gradient] : [gradient, v], { scale })
  },
  axes: (call) => (call.attrs.transpose ? overQueries : overKeys)(call),
  onnx(context) {
    const {
      names: [pattern, v],
      attrs: { scale, transpose },
      node,
      floats,
    } = context
    const weights = transpose ? onnxTranspose(context, pattern, [0, 1, 3, 2]) : pattern
    const mixed = onnxByHead(context, node('MatMul', [weights, onnxByHead(context, v)]))
    return scale === 1 ? mixed : node('Mul', [mixed, floats([scale], [])])
  },
  sample(draw) {
    const [batch, queries, keys, heads, dHead] = [3, 6, 6, 3, 6].map((max) => draw.size(max))
    const transpose = draw.pick([true, false])
    return {
      inputs: [{ shape: [batch, heads, queries, keys] }, { shape: [batch, transpose ? queries : keys, heads, dHead] }],
      attrs: { scale: draw.number(0.2, 2), transpose },
    }
  },
  rewrites: [
    {
      // p (x W) = (p x) W: with one query a head, the heads are queries of one head that sees the d_model of x whole
      kind: 'reassociate',
      offer({ attrs, inputs: [p, v], shape: [batch, queries, heads, dHead] }, { look, shapeOf }) {
        const projected = look(v)
        const linear = projected?.op === 'reshape' ? look(projected.inputs[0]) : undefined
        if (attrs.transpose || queries !== 1 || linear?.op !== 'linear' || linear.inputs.length !== 2) return undefined
        const [x, w] = linear.inputs
        const [keys, dModel] = shapeOf(x).slice(-2)
        const isByToken = shapeOf(x).length === 3 && linear.shape[2] === heads * dHead
        // Multiplications a head: keys · dModel · dHead before, keys · dModel + dModel · dHead then, in smaller pieces.
        if (!isByToken || keys * dHead < 2 * (keys + dHead)) return undefined
        const reshape = (input: Ref | Replacement, ...shape: number[]) => ({
          op: 'reshape',
          attrs: { shape },
          inputs: [input],
        })
        const byHead = [reshape(p, batch, 1, heads, keys), reshape(x, batch, keys, 1, dModel)]
        const mixed = reshape({ op: 'attention-mix', attrs, inputs: byHead }, batch, 1, heads, dModel)
        return { op: 'head-linear', attrs: {}, inputs: [mixed, w] }
      },
    },
  ],
})
