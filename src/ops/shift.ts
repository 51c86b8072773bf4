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
  onnx({ names: [x], attrs: { axis, by }, shape, node, floats, int64s }) {
    const length = shape[axis]
    const kept = Math.max(0, length - Math.abs(by))
    const zeros = floats(
      new Float32Array((sizeOf(shape) / length) * (length - kept)),
      withRows(shape, axis, length - kept),
    )
    if (kept === 0) return node('Identity', [zeros])
    if (kept === length) return node('Identity', [x])
    const start = by > 0 ? 0 : -by
    const rows = node('Slice', [x, int64s([start], [1]), int64s([start + kept], [1]), int64s([axis], [1])])
    return node('Concat', by > 0 ? [zeros, rows] : [rows, zeros], { axis })
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    return { inputs: [{ shape }], attrs: { axis, by: draw.int(-2, 3) } }
  },
})

function withRows(shape: readonly number[], axis: number, rows: number): number[] {
  return shape.map((size, own) => (own === axis ? rows : size))
}
