import { defineOp, float, requireInputs } from './define.ts'

// (y₀, y₁) = (x₀ c − x₁ s, x₁ c + x₀ s) for each pair of adjacent dimensions (2j, 2j + 1) of every head, where
// c, s = cos, sin of pos · base^(−2j / d_head)        x, y [batch, pos, head, d_head]
// dx = the rotation by the negated angle, of g.
// Su et al. 2021 (arXiv 2104.09864) eq. 34: pairs are adjacent, not halves (GPT-NeoX and Llama weights pair halves).

interface RotaryAttrs {
  readonly base: number
  /** Turns back: negates every angle. */
  readonly inverse: boolean
  /** Which position each row is; default 0, 1, 2, … */
  readonly positions?: readonly number[]
}

export const rotary = defineOp({
  name: 'rotary',
  formula:
    'y[b, pos, h, 2j] = x₀ cos θ − x₁ sin θ, y[b, pos, h, 2j+1] = x₁ cos θ + x₀ sin θ, θ = ±pos · base^(−2j/d_head)',
  infer(inputs, _attrs: RotaryAttrs) {
    const [x] = inputs
    requireInputs(
      'rotary',
      inputs,
      'x [batch, pos, head, d_head] with an even d_head',
      inputs.length === 1 && x.shape.length === 4 && x.shape[3] % 2 === 0,
    )
    return float(x.shape)
  },
  forward(out, [x], { attrs, shape: [batch, pos, heads, dHead] }) {
    for (let b = 0; b < batch; b++) {
      for (let p = 0; p < pos; p++) {
        for (let h = 0; h < heads; h++) {
          for (let j = 0; j < dHead / 2; j++) {
            const at = ((b * pos + p) * heads + h) * dHead + 2 * j
            const theta = angle(attrs, p, j, dHead)
            const [c, s] = [Math.cos(theta), Math.sin(theta)]
            const [x0, x1] = [x[at], x[at + 1]]
            out[at] = x0 * c - x1 * s
            out[at + 1] = x1 * c + x0 * s
          }
        }
      }
    }
  },
  vjp: ({ attrs, gradient, emit }) => emit('rotary', [gradient], { ...attrs, inverse: !attrs.inverse }),
  // The angle depends on the absolute position, and pairs mix: neither `pos` nor `d_head` is row-wise.
  rowwise: () => [[0], null, [2], null],
  linearIn: () => [0],
  takeRows({ attrs }, axis, indices) {
    if (axis !== 1) return undefined
    return { attrs: { ...attrs, positions: indices.map((row) => attrs.positions?.[row] ?? row) }, inputs: [1] }
  },
  onnx({ names: [x], attrs, shape, node, floats, int64s }) {
    const [batch, pos, heads, dHead] = shape
    const thetas = Array.from({ length: (pos * dHead) / 2 }, (_, i) =>
      angle(attrs, Math.floor(i / (dHead / 2)), i % (dHead / 2), dHead),
    )
    const [c, s] = [Math.cos, Math.sin].map((f) => floats(thetas.map(f), [1, pos, 1, dHead / 2]))
    const pairs = node('Reshape', [x, int64s([batch, pos, heads, dHead / 2, 2], [5])])
    const [x0, x1] = [0, 1].map((i) => node('Gather', [pairs, int64s([i], [])], { axis: 4 }))
    const y0 = node('Sub', [node('Mul', [x0, c]), node('Mul', [x1, s])])
    const y1 = node('Add', [node('Mul', [x1, c]), node('Mul', [x0, s])])
    const last = int64s([-1], [1])
    const joined = node('Concat', [node('Unsqueeze', [y0, last]), node('Unsqueeze', [y1, last])], { axis: -1 })
    return node('Reshape', [joined, int64s(shape, [4])])
  },
  sample(draw) {
    const pos = draw.size(6)
    const some = { positions: Array.from({ length: pos }, () => draw.int(0, 9)) }
    return {
      inputs: [{ shape: [draw.size(3), pos, draw.size(3), 2 * draw.size(5)] }],
      attrs: { base: draw.pick([10, 10_000]), inverse: draw.pick([true, false]), ...draw.pick([{}, some]) },
    }
  },
})

function angle({ base, inverse, positions }: RotaryAttrs, row: number, pair: number, dHead: number): number {
  const theta = (positions?.[row] ?? row) * base ** ((-2 * pair) / dHead)
  return inverse ? -theta : theta
}
