import { defineOp, float, requireInputs } from './define.ts'

// y[b, h, query, key] = key > query ? value : x          x, y [batch, head, query, key]
// dx = key > query ? 0 : g
// A large negative value before the softmax hides the future; the gradient rule is the same op with value 0.

interface CausalMaskAttrs {
  readonly value: number
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
  forward(out, [x], { attrs: { value }, shape: [batch, heads, queries, keys] }) {
    for (let row = 0; row < batch * heads * queries; row++) {
      const query = row % queries
      for (let key = 0; key < keys; key++) out[row * keys + key] = key > query ? value : x[row * keys + key]
    }
  },
  vjp: ({ gradient, emit }) => emit('causal-mask', [gradient], { value: 0 }),
  rowwise: () => [[0], [1], null, null],
  onnx({ names: [x], attrs: { value }, shape: [, , queries, keys], node, floats, bools }) {
    const hidden = Array.from({ length: queries * keys }, (_, i) => Number(i % keys > Math.floor(i / keys)))
    return node('Where', [bools(hidden, [1, 1, queries, keys]), floats([value], []), x])
  },
  sample(draw) {
    return {
      inputs: [{ shape: [draw.size(3), draw.size(3), draw.size(7), draw.size(7)] }],
      attrs: { value: draw.pick([0, -3.5]) },
    }
  },
  inPlace: 0,
})
