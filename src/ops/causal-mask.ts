import { defineOp } from './define.ts'
import { loops } from './shared/axes.ts'
import { type CausalAttrs, inferCausal, ofQueries, onnxMasked, queryOf } from './shared/causal.ts'

// y[b, h, query, key] = key > query ? value : x          x, y [batch, head, query, key]
// dx = key > query ? 0 : g
// A large negative value before the softmax hides the future; the gradient rule is the same op with value 0.

interface CausalMaskAttrs extends CausalAttrs {
  readonly value: number
}

export const causalMask = defineOp({
  name: 'causal-mask',
  formula: 'y[b, h, query, key] = key > query ? value : x[b, h, query, key]',
  infer: (inputs, _attrs: CausalMaskAttrs) => inferCausal('causal-mask', inputs),
  forward(out, [x], { attrs, shape: [batch, heads, queries, keys] }) {
    const { value } = attrs
    for (let row = 0; row < batch * heads * queries; row++) {
      const query = queryOf(attrs, row % queries)
      for (let key = 0; key < keys; key++) out[row * keys + key] = key > query ? value : x[row * keys + key]
    }
  },
  vjp: ({ attrs, gradient, emit }) => emit('causal-mask', [gradient], { ...attrs, value: 0 }),
  axes: loops('b h q * -> b h q *', { placed: { q: ofQueries } }),
  onnx: (context) => onnxMasked(context, context.attrs.value),
  sample(draw) {
    const [queries, keys] = [draw.size(7), draw.size(7)]
    const some = { queries: Array.from({ length: queries }, () => draw.int(0, keys)) }
    return {
      inputs: [{ shape: [draw.size(3), draw.size(3), queries, keys] }],
      attrs: { value: draw.pick([0, -3.5, -1e20]), ...draw.pick([{}, some]) },
    }
  },
  memory: { over: 0 },
  rewrites: [
    {
      // Queries that see every key have nothing hidden.
      kind: 'simplify',
      offer({ attrs, inputs: [x], shape: [, , queries, keys] }, { look }) {
        const seesAll = Array.from({ length: queries }, (_, row) => queryOf(attrs, row)).every(
          (query) => query >= keys - 1,
        )
        return seesAll && look(x) !== undefined ? x : undefined
      },
    },
  ],
})
