import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'

// y [b, n+m, d]:  y[·, 2i, ·] = a[·, i, ·]   y[·, 2i+1, ·] = b[·, i, ·]        a [b, n, d], b [b, m, d], n = m or m+1
// da = dy at the even positions, db = dy at the odd ones

export const interleave = defineOp({
  name: 'interleave',
  formula: 'y[·, 2i, ·] = a[·, i, ·], y[·, 2i+1, ·] = b[·, i, ·]',
  infer(inputs) {
    const [a, b] = inputs
    requireInputs(
      'interleave',
      inputs,
      'floats a [batch, n, d] and b [batch, m, d] with n = m or n = m + 1',
      inputs.length === 2 &&
        inputs.every(({ shape, dtype }) => shape.length === 3 && dtype === 'float') &&
        a.shape[0] === b.shape[0] &&
        a.shape[2] === b.shape[2] &&
        (a.shape[1] === b.shape[1] || a.shape[1] === b.shape[1] + 1),
    )
    return float([a.shape[0], a.shape[1] + b.shape[1], a.shape[2]])
  },
  forward(out, [a, b], { inputs, shape: [, positions, d] }) {
    for (let i = 0; i < out.length; i++) {
      const position = Math.floor(i / d) % positions
      const batch = Math.floor(i / (d * positions))
      const [from, length] = position % 2 === 0 ? [a, inputs[0][1]] : [b, inputs[1][1]]
      out[i] = from[(batch * length + Math.floor(position / 2)) * d + (i % d)]
    }
  },
  vjp({ inputs, gradient, emit, shapeOf }, index) {
    const indices = Array.from({ length: shapeOf(inputs[index])[1] }, (_, i) => 2 * i + index)
    return emit('take', [gradient], { axis: 1, indices })
  },
  axes: loops('b * d, b * d -> b * d'),
  // Side by side on an axis of their own, which then goes into that of positions.
  onnx({ names: [a, b], inputs: [[, n], [, m]], shape: [, positions, d], node, int64s }) {
    const whole = n === m ? b : node('Pad', [b, int64s([0, 0, 0, 0, 1, 0], [6])])
    const pairs = node(
      'Concat',
      [a, whole].map((x) => node('Unsqueeze', [x, int64s([2], [1])])),
      { axis: 2 },
    )
    const rows = node('Reshape', [pairs, int64s([0, -1, d], [3])])
    return n === m ? rows : node('Slice', [rows, int64s([0], [1]), int64s([positions], [1]), int64s([1], [1])])
  },
  sample(draw) {
    const [batch, m, d] = [draw.size(4), draw.size(5), draw.size()]
    const n = m + draw.int(0, 1)
    return { inputs: [{ shape: [batch, n, d] }, { shape: [batch, m, d] }], attrs: {} }
  },
  rewrites: [
    {
      // Rows of two tables in turn are rows of both tables together.
      kind: 'lookup',
      offer({ inputs: [a, b] }, { look, shapeOf }) {
        const [first, second] = [look(a), look(b)]
        if (first?.op !== 'gather' || second?.op !== 'gather') return undefined
        const [table, ids] = first.inputs
        const [otherTable, otherIds] = second.inputs
        const offset = shapeOf(table)[0]
        return {
          op: 'gather',
          attrs: {},
          inputs: [
            { op: 'concat-rows', attrs: {}, inputs: [table, otherTable] },
            { op: 'interleave-ids', attrs: { offset }, inputs: [ids, otherIds] },
          ],
        }
      },
    },
  ],
})
