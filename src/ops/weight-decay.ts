import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'

// y = g + decay · p        g [n]; state [k n] is p, then what a rule remembers. The gradient of decay / 2 · Σ p².

export const weightDecay = defineOp<'weight-decay', { readonly decay: number }>({
  name: 'weight-decay',
  formula: 'y = g + decay · p',
  infer(inputs) {
    const [g, state] = inputs
    requireInputs(
      'weight-decay',
      inputs,
      'two vectors of floats: g [n], and state of at least n, of which p is the first n',
      inputs.length === 2 &&
        inputs.every(({ dtype, shape }) => dtype === 'float' && shape.length === 1) &&
        state.shape[0] >= g.shape[0],
    )
    return float(g.shape)
  },
  forward(out, [g, state], { attrs: { decay } }) {
    for (let i = 0; i < out.length; i++) out[i] = g[i] + decay * state[i]
  },
  vjp: 'none',
  axes: none,
  onnx({ names: [g, state], inputs: [[n]], attrs: { decay }, node, floats, int64s }) {
    const p = node('Slice', [state, int64s([0], [1]), int64s([n], [1])])
    return node('Add', [g, node('Mul', [p, floats([decay], [])])])
  },
  sample(draw) {
    const n = draw.size()
    return { inputs: [{ shape: [n] }, { shape: [n * draw.int(1, 3)] }], attrs: { decay: draw.number(0.01, 0.5) } }
  },
  memory: { over: 0 },
})
