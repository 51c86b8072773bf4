import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { angleOf, pairOf, type RotaryAttrs } from './shared/rotation.ts'

// (y₀, y₁) = (x₀ c − x₁ s, x₁ c + x₀ s) for each pair of dimensions of every head, where
// c, s = cos, sin of pos · base^(−2j / dims) for pair j        x, y [batch, pos, head, d_head]
// dx = the rotation by the negated angle, of g.
// Su et al. 2021 (arXiv 2104.09864) eq. 34 pairs neighbours, (2j, 2j + 1); GPT-NeoX and Llama pair halves, (j, j + dims/2).

export const rotary = defineOp({
  name: 'rotary',
  formula:
    'y₀ = x₀ cos θ − x₁ sin θ, y₁ = x₁ cos θ + x₀ sin θ for each pair j of dimensions, θ = ±pos · base^(−2j/dims)',
  infer(inputs, { dims }: RotaryAttrs) {
    const [x] = inputs
    requireInputs(
      'rotary',
      inputs,
      'x [batch, pos, head, d_head] with an even number of dimensions to turn',
      inputs.length === 1 && x.shape.length === 4 && (dims ?? x.shape[3]) % 2 === 0 && (dims ?? 0) <= x.shape[3],
    )
    return float(x.shape)
  },
  forward(out, [x], { attrs, shape: [, pos, heads, dHead] }) {
    for (let i = 0; i < out.length; i++) {
      const turn = turnOf(attrs, i % dHead, dHead)
      if (turn === undefined) {
        out[i] = x[i]
        continue
      }
      const theta = angleOf(attrs, Math.floor(i / (heads * dHead)) % pos, turn.pair, attrs.dims ?? dHead)
      const [c, s] = [Math.cos(theta), Math.sin(theta)]
      out[i] = turn.first ? x[i] * c - x[i + turn.apart] * s : x[i] * c + x[i - turn.apart] * s
    }
  },
  vjp: ({ attrs, gradient, emit }) => emit('rotary', [gradient], { ...attrs, inverse: !attrs.inverse }),
  // The angle depends on the absolute position, and pairs mix.
  axes: loops('b p h * -> b p h *', { linear: [0], placed: { p: atPositions } }),
  // x · cos + (the other of each pair) · ±sin
  onnx({ names: [x], attrs, shape: [, pos, , dHead], node, floats, int64s }) {
    const turns = Array.from({ length: dHead }, (_, dim) => turnOf(attrs, dim, dHead))
    const table = (value: (theta: number, first: boolean) => number, still: number) =>
      floats(
        Array.from({ length: pos * dHead }, (_, i) => {
          const turn = turns[i % dHead]
          if (turn === undefined) return still
          return value(angleOf(attrs, Math.floor(i / dHead), turn.pair, attrs.dims ?? dHead), turn.first)
        }),
        [1, pos, 1, dHead],
      )
    const partners = turns.map((turn, dim) => dim + (turn === undefined ? 0 : turn.first ? turn.apart : -turn.apart))
    const others = node('Gather', [x, int64s(partners, [dHead])], { axis: 3 })
    const straight = node('Mul', [x, table(Math.cos, 1)])
    return node('Add', [straight, node('Mul', [others, table((t, first) => Math.sin(t) * (first ? -1 : 1), 0)])])
  },
  sample(draw) {
    const [pos, dHead] = [draw.size(6), 2 * draw.size(5)]
    const some = { positions: Array.from({ length: pos }, () => draw.int(0, 9)) }
    const part = { dims: 2 * draw.int(1, dHead / 2) }
    return {
      inputs: [{ shape: [draw.size(3), pos, draw.size(3), dHead] }],
      attrs: {
        base: draw.pick([10, 10_000]),
        inverse: draw.pick([true, false]),
        ...draw.pick([{}, some]),
        ...draw.pick([{}, { halves: true as const }]),
        ...draw.pick([{}, part]),
      },
    }
  },
})

/** The attributes for some positions alone. */
function atPositions(attrs: RotaryAttrs, rows: readonly number[]): RotaryAttrs {
  return { ...attrs, positions: rows.map((row) => attrs.positions?.[row] ?? row) }
}

/** How a dimension turns; `undefined` for one that stays as it is. */
function turnOf(attrs: RotaryAttrs, dim: number, dHead: number) {
  const turning = attrs.dims ?? dHead
  return dim < turning ? pairOf(attrs, dim, turning) : undefined
}
