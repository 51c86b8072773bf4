import { sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { INT64 } from './shared/onnx.ts'

// y[r] = x[r] where r is among the ids, else 0        x, y [rows, rest…], ids int, each from 0 to rows − 1
// dx = the same of dy

export const keepRows = defineOp({
  name: 'keep-rows',
  formula: 'y[r, rest…] = r ∈ ids ? x[r, rest…] : 0',
  infer(inputs) {
    const [x, ids] = inputs
    requireInputs(
      'keep-rows',
      inputs,
      'a float x [rows, rest…] and int ids',
      inputs.length === 2 && x.shape.length >= 1 && x.dtype === 'float' && ids.dtype === 'int',
    )
    return float(x.shape)
  },
  forward(out, [x, ids], { shape: [, ...rest] }) {
    const d = sizeOf(rest)
    const kept = new Set(ids)
    for (let i = 0; i < out.length; i++) out[i] = kept.has(Math.floor(i / d)) ? x[i] : 0
  },
  vjp: ({ inputs: [, ids], gradient, emit }) => emit('keep-rows', [gradient, ids]),
  axes: loops('* d…, *… -> * d…', { linear: [0] }),
  onnx({ names: [x, ids], inputs: [shape, idShape], node, floats, int64s }) {
    const zeros = node('Expand', [floats([0], []), int64s(shape, [shape.length])])
    const where = node('Reshape', [node('Cast', [ids], { to: INT64 }), int64s([sizeOf(idShape), 1], [2])])
    return node('ScatterND', [zeros, where, node('GatherND', [x, where])])
  },
  sample(draw) {
    const rows = draw.size(12)
    const rest = draw.pick([[], [draw.size(17)], [draw.size(3), draw.size(5)]])
    const ids = draw.pick([[draw.size(9)], [draw.size(3), draw.size(4)]])
    return { inputs: [{ shape: [rows, ...rest] }, { shape: ids, below: rows }], attrs: {} }
  },
})
