import { defineOp, float, requireInputs } from './define.ts'
import { queryOf, rowsOfQueries } from './shared/causal.ts'

// y[b, h, query, key] = key > query ? value : x          x, y [batch, head, query, key]
// dx = key > query ? 0 : g
// A large negative value before the softmax hides the future; the gradient rule is the same op with value 0.

interface CausalMaskAttrs {
  readonly value: number
  /** Which query each row is; default 0, 1, 2, … */
  readonly queries?: readonly number[]
}

export const causalMask = defineOp({
  name: 'causal-mask',
  formula: 'y[b, h, query, key] = key > query ? value : x[b, h, query, key]',
  infer(inputs, _attrs: CausalMaskAttrs) {
    const [x] = inputs
    const fits = inputs.length === 1 && x.shape.length === 4
    requireInputs('causal-mask', inputs, 'x [batch, head, query, key]', fits)
    return float(x.shape)
  },
  forward(out, [x], { attrs, shape: [batch, heads, queries, keys] }) {
    const { value } = attrs
    for (let row = 0; row < batch * heads * queries; row++) {
      const query = queryOf(attrs, row % queries)
      for (let key = 0; key < keys; key++) out[row * keys + key] = key > query ? value : x[row * keys + key]
    }
  },
  vjp: ({ attrs, gradient, emit }) => emit('causal-mask', [gradient], { ...attrs, value: 0 }),
  rowwise: () => [[0], [1], null, null],
  takeRows: rowsOfQueries,
  onnx({ names: [x], attrs, shape: [, , queries, keys], node, floats, bools }) {
    const hidden = Array.from({ length: queries * keys }, (_, i) =>
      Number(i % keys > queryOf(attrs, Math.floor(i / keys))),
    )
    return node('Where', [bools(hidden, [1, 1, queries, keys]), floats([attrs.value], []), x])
  },
  sample(draw) {
    const [queries, keys] = [draw.size(7), draw.size(7)]
    const some = { queries: Array.from({ length: queries }, () => draw.int(0, keys)) }
    return {
      inputs: [{ shape: [draw.size(3), draw.size(3), queries, keys] }],
      attrs: { value: draw.pick([0, -3.5, -1e20]), ...draw.pick([{}, some]) },
    }
  },
  inPlace: 0,
})
