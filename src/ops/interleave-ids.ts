import { defineOp, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { INT32, INT64 } from './shared/onnx.ts'

// y[b, 2i] = a[b, i], y[b, 2i+1] = b[b, i] + offset        a [batch, n], b [batch, m] ints, n = m or m+1
// The ids of two tables in turn, as ids of one table that holds the rows of the second after those of the first.

export const interleaveIds = defineOp<'interleave-ids', { readonly offset: number }>({
  name: 'interleave-ids',
  formula: 'y[·, 2i] = a[·, i], y[·, 2i+1] = b[·, i] + offset',
  infer(inputs) {
    const [a, b] = inputs
    requireInputs(
      'interleave-ids',
      inputs,
      'ints a [batch, n] and b [batch, m] with n = m or n = m + 1',
      inputs.length === 2 &&
        inputs.every(({ shape, dtype }) => shape.length === 2 && dtype === 'int') &&
        a.shape[0] === b.shape[0] &&
        (a.shape[1] === b.shape[1] || a.shape[1] === b.shape[1] + 1),
    )
    return { shape: [a.shape[0], a.shape[1] + b.shape[1]], dtype: 'int' }
  },
  forward(out, [a, b], { attrs: { offset }, inputs: [[, n], [, m]], shape: [batch, length] }) {
    for (let s = 0; s < batch; s++) {
      for (let i = 0; i < n; i++) out[s * length + 2 * i] = a[s * n + i]
      for (let i = 0; i < m; i++) out[s * length + 2 * i + 1] = b[s * m + i] + offset
    }
  },
  vjp: 'none',
  axes: loops('b *, b * -> b *'),
  onnx({ names: [a, b], attrs: { offset }, inputs: [[, n]], shape: [, length], node, int64s }) {
    const order = Array.from({ length }, (_, i) => Math.floor(i / 2) + (i % 2) * n)
    const moved = node('Cast', [node('Add', [node('Cast', [b], { to: INT64 }), int64s([offset], [])])], { to: INT32 })
    return node('Gather', [node('Concat', [a, moved], { axis: 1 }), int64s(order, [length])], { axis: 1 })
  },
  sample(draw) {
    const [batch, m] = [draw.size(4), draw.size(5)]
    const n = m + draw.int(0, 1)
    return {
      inputs: [
        { shape: [batch, n], below: 9 },
        { shape: [batch, m], below: 7 },
      ],
      attrs: { offset: draw.int(0, 20) },
    }
  },
})
