import { sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { allBut } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'

// y[…, i, …] = x[…, i − by, …], 0 where there is no such row        along one axis; by > 0 moves rows on, by < 0 back
// dx = the shift by −by, of g

interface ShiftAttrs {
  readonly axis: number
  readonly by: number
}

export const shift = defineOp<'shift', ShiftAttrs>({
  name: 'shift',
  formula: 'y[…, i, …] = x[…, i − by, …], 0 where there is no such row',
  infer(inputs, { axis }) {
    const [x] = inputs
    const fits = inputs.length === 1 && x.dtype === 'float' && axis >= 0 && axis < x.shape.length
    requireInputs('shift', inputs, `one float with an axis ${axis}`, fits)
    return float(x.shape)
  },
  forward(out, [x], { attrs: { axis, by }, shape }) {
    const inner = sizeOf(shape.slice(axis + 1))
    const length = shape[axis]
    for (let i = 0; i < out.length; i++) {
      const from = (Math.floor(i / inner) % length) - by
      out[i] = from >= 0 && from < length ? x[i - by * inner] : 0
    }
  },
  vjp: ({ attrs: { axis, by }, gradient, emit }) => emit('shift', [gradient], { axis, by: by === 0 ? 0 : -by }),
  axes: allBut(({ attrs }) => attrs.axis, { linear: [0] }),
  // Zeros before and after, and of that a part as long as x.
  onnx({ names: [x], attrs: { axis, by }, shape, node, int64s }) {
    const length = shape[axis]
    const steps = Math.min(Math.abs(by), length)
    const zeros = Array.from({ length: 2 * shape.length }, (_, i) => (i % shape.length === axis ? steps : 0))
    const padded = node('Pad', [x, int64s(zeros, [zeros.length])])
    const start = by > 0 ? 0 : 2 * steps
    return node('Slice', [padded, int64s([start], [1]), int64s([start + length], [1]), int64s([axis], [1])])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    return { inputs: [{ shape }], attrs: { axis, by: draw.int(-2, 3) } }
  },
})
