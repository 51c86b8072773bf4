import { defineOp } from './define.ts'
import { loops } from './shared/axes.ts'
import { type CausalAttrs, inferCausal, ofQueries, onnxMasked, queryOf } from './shared/causal.ts'
import { softmaxOf } from './shared/rows.ts'

// y[b, h, n, m] = exp(x[m] − max x) / Σ exp(x − max x), over the keys m ≤ n that query n sees; 0 for all others
// x, y [batch, head, query, key]. What the mask hides gets nothing, whatever its scores and those of the others are.
// The gradient needs no mask: it has the factor y.

export const causalSoftmax = defineOp({
  name: 'causal-softmax',
  formula: 'y[b, h, query, key] = softmax of x[b, h, query, key ≤ query]; 0 where key > query',
  infer: (inputs, _attrs: CausalAttrs) => inferCausal('causal-softmax', inputs),
  forward(out, [x], { attrs, shape: [batch, heads, queries, keys] }) {
    for (let row = 0; row < batch * heads * queries; row++) {
      const seen = Math.min(keys, queryOf(attrs, row % queries) + 1)
      softmaxOf(out, x, row * keys, seen)
      out.fill(0, row * keys + seen, (row + 1) * keys)
    }
  },
  vjp: ({ output, gradient, emit }) => emit('softmax.vjp', [output, gradient]),
  axes: loops('b h q * -> b h q *', { placed: { q: ofQueries } }),
  rewrites: [
    {
      // It does not look at what a mask over the same queries hides.
      kind: 'fuse',
      offer({ attrs, inputs: [x] }, { look }) {
        const mask = look(x)
        if (mask?.op !== 'causal-mask' || mask.attrs.queries?.join() !== attrs.queries?.join()) return undefined
        return { op: 'causal-softmax', attrs, inputs: mask.inputs }
      },
    },
  ],
  onnx: (context) => context.node('Softmax', [onnxMasked(context, -1e20)], { axis: -1 }),
  sample(draw) {
    const [queries, keys] = [draw.size(7), draw.size(19)]
    const some = { queries: Array.from({ length: queries }, () => draw.int(0, keys)) }
    return {
      inputs: [{ shape: [draw.size(3), draw.size(3), queries, keys] }],
      attrs: draw.pick([{}, some]),
    }
  },
})
