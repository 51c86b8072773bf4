import { defineOp, float, requireInputs } from './define.ts'
import { queryOf, rowsOfQueries } from './shared/causal.ts'

// y[b, h, n, m] = exp(x[m] − max x) / Σ exp(x − max x), over the keys m ≤ n that query n sees; 0 for all others
// x, y [batch, head, query, key]. The attention pattern of the scores in one step, where nobody reads the masked scores.
// The gradient needs no mask: it has the factor y.

interface CausalSoftmaxAttrs {
  /** Which query each row is; default 0, 1, 2, … */
  readonly queries?: readonly number[]
}

export const causalSoftmax = defineOp({
  name: 'causal-softmax',
  formula: 'y[b, h, query, key] = softmax of x[b, h, query, key ≤ query]; 0 where key > query',
  infer(inputs, _attrs: CausalSoftmaxAttrs) {
    const [x] = inputs
    const fits = inputs.length === 1 && x.shape.length === 4
    requireInputs('causal-softmax', inputs, 'x [batch, head, query, key]', fits)
    return float(x.shape)
  },
  forward(out, [x], { attrs, shape: [batch, heads, queries, keys] }) {
    for (let row = 0; row < batch * heads * queries; row++) {
      const seen = Math.min(keys, queryOf(attrs, row % queries) + 1)
      let max = -Infinity
      for (let key = 0; key < seen; key++) max = Math.max(max, x[row * keys + key])
      let sum = 0
      for (let key = 0; key < seen; key++) sum += Math.exp(x[row * keys + key] - max)
      for (let key = 0; key < keys; key++) {
        out[row * keys + key] = key < seen ? Math.exp(x[row * keys + key] - max) / sum : 0
      }
    }
  },
  vjp: ({ output, gradient, emit }) => emit('softmax.vjp', [output, gradient]),
  rowwise: () => [[0], [1], null, null],
  takeRows: rowsOfQueries,
  onnx({ names: [x], attrs, shape: [, , queries, keys], node, floats, bools }) {
    const hidden = Array.from({ length: queries * keys }, (_, i) =>
      Number(i % keys > queryOf(attrs, Math.floor(i / keys))),
    )
    const masked = node('Where', [bools(hidden, [1, 1, queries, keys]), floats([-1e20], []), x])
    return node('Softmax', [masked], { axis: -1 })
  },
  sample(draw) {
    const [queries, keys] = [draw.size(7), draw.size(19)]
    const some = { queries: Array.from({ length: queries }, () => draw.int(0, keys)) }
    return {
      inputs: [{ shape: [draw.size(3), draw.size(3), queries, keys] }],
      attrs: draw.pick([{}, some]),
    }
  },
})
