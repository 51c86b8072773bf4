import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { DOUBLE, FLOAT } from './shared/onnx.ts'
import { angleOf, pairOf, type RotaryAttrs, stepOf } from './shared/rotation.ts'

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
  // x · cos θ + (the other of each pair) · sin θ, where θ has its sign from which of the pair it is; in doubles, since a
  // distant position times a frequency has few digits left behind the point.
  onnx({ names: [x], attrs, shape: [, pos, , dHead], node, doubles, int64s }) {
    const turns = Array.from({ length: dHead }, (_, dim) => turnOf(attrs, dim, dHead))
    const perPosition = turns.map((turn) =>
      turn === undefined ? 0 : (turn.first ? -1 : 1) * stepOf(attrs, turn.pair, attrs.dims ?? dHead),
    )
    const positions =
      attrs.positions === undefined
        ? node('Range', [int64s([0], []), int64s([pos], []), int64s([1], [])])
        : int64s(attrs.positions, [pos])
    const column = node('Unsqueeze', [node('Cast', [positions], { to: DOUBLE }), int64s([0, 2, 3], [3])])
    const theta = node('Mul', [column, doubles(perPosition, [dHead])])
    const table = (type: 'Cos' | 'Sin') => node('Cast', [node(type, [theta])], { to: FLOAT })
    const partners = turns.map((turn, dim) => dim + (turn === undefined ? 0 : turn.first ? turn.apart : -turn.apart))
    const others = node('Gather', [x, int64s(partners, [dHead])], { axis: 3 })
    return node('Add', [node('Mul', [x, table('Cos')]), node('Mul', [others, table('Sin')])])
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
