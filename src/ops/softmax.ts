import { rowsAndWidth, sameShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachRow } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'
import { softmaxOf } from './shared/rows.ts'

// y = exp(x − max_n x) / Σ_n exp(x − max_n x)          x, y [rows…, n]
// dx = y (g − Σ_n g y)

/** Scores this low leave nothing of a key, whatever the others are. */
const NOTHING_LEFT = -1e20

export const softmax = defineOp({
  name: 'softmax',
  formula: 'y[r, n] = exp(x[r, n] − max_n x[r, n]) / Σ_n exp(x[r, n] − max_n x[r, n])',
  infer(inputs) {
    const [x] = inputs
    requireInputs('softmax', inputs, 'x [rows…, n]', inputs.length === 1 && x.shape.length >= 1)
    return float(x.shape)
  },
  forward(out, [x], { shape }) {
    const [rows, n] = rowsAndWidth(shape)
    for (let r = 0; r < rows; r++) softmaxOf(out, x, r * n, n)
  },
  vjp: ({ output, gradient, emit }) => emit('softmax.vjp', [output, gradient]),
  axes: eachRow(),
  onnx: ({ names, node }) => node('Softmax', names, { axis: -1 }),
  sample: (draw) => ({ inputs: [{ shape: drawShape(draw) }], attrs: {} }),
  rewrites: [
    {
      // softmax(causal-mask(x, −huge)) = causal-softmax(x)
      kind: 'fuse',
      offer({ inputs: [x] }, { look }) {
        const mask = look(x)
        if (mask?.op !== 'causal-mask' || mask.attrs.value > NOTHING_LEFT) return undefined
        const { value: _, ...queries } = mask.attrs
        return { op: 'causal-softmax', attrs: queries, inputs: mask.inputs }
      },
    },
  ],
})

export const softmaxVjp = defineOp({
  name: 'softmax.vjp',
  formula: 'dx[r, n] = y[r, n] (g[r, n] − Σ_n g[r, n] y[r, n])',
  infer(inputs) {
    const [y, g] = inputs
    const fits = inputs.length === 2 && y.shape.length >= 1 && sameShape(y.shape, g.shape)
    requireInputs('softmax.vjp', inputs, 'y [rows…, n], g [rows…, n]', fits)
    return float(y.shape)
  },
  forward(out, [y, g], { shape }) {
    const [rows, n] = rowsAndWidth(shape)
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let i = 0; i < n; i++) sum += g[r * n + i] * y[r * n + i]
      for (let i = 0; i < n; i++) out[r * n + i] = y[r * n + i] * (g[r * n + i] - sum)
    }
  },
  vjp: 'none',
  axes: eachRow({ linear: [1] }),
  onnx({ names: [y, g], node, int64s }) {
    const sum = node('ReduceSum', [node('Mul', [g, y]), int64s([-1], [1])], { keepdims: 1 })
    return node('Mul', [y, node('Sub', [g, sum])])
  },
  sample(draw) {
    const full = { shape: drawShape(draw) }
    return { inputs: [full, full], attrs: {} }
  },
})
