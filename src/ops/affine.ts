import { rowsAndWidth, sameShape } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachElement, loops, unlessBiased } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'

// y = x w + b                x, y [rows…, d], w [d], b [d] (optional): each feature has its own gain and offset
// dx = g w                   dw = Σ_rows x g                   db = Σ_rows g
// The second half of LayerNorm: Ba, Kiros, Hinton 2016 (arXiv 1607.06450) eq. 5.

export const affine = defineOp({
  name: 'affine',
  formula: 'y[r, d] = x[r, d] w[d] + b[d]',
  infer(inputs) {
    const [x, w, b] = inputs
    requireInputs(
      'affine',
      inputs,
      'x [rows…, d], w [d] and perhaps b [d]',
      (inputs.length === 2 || inputs.length === 3) &&
        x.shape.length >= 1 &&
        sameShape(w.shape, x.shape.slice(-1)) &&
        (b === undefined || sameShape(b.shape, w.shape)),
    )
    return float(x.shape)
  },
  forward(out, [x, w, b], { shape }) {
    const [rows, d] = rowsAndWidth(shape)
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < d; i++) out[r * d + i] = x[r * d + i] * w[i] + (b ? b[i] : 0)
    }
  },
  vjp({ inputs: [x, w, b], gradient, emit, shapeOf }, index) {
    if (index === 0) return emit('affine', [gradient, w])
    if (index === 1) return emit('affine.vjp.weight', [x, gradient])
    return emit('reduce-sum', [gradient], { shape: shapeOf(b) })
  },
  axes: eachElement({ linear: unlessBiased }),
  onnx({ names: [x, w, b], node }) {
    const scaled = node('Mul', [x, w])
    return b === undefined ? scaled : node('Add', [scaled, b])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const [x, vector] = [{ shape }, { shape: shape.slice(-1) }]
    return { inputs: draw.pick([true, false]) ? [x, vector, vector] : [x, vector], attrs: {} }
  },
})

export const affineVjpWeight = defineOp({
  name: 'affine.vjp.weight',
  formula: 'dw[d] = Σ_r x[r, d] g[r, d]',
  infer(inputs) {
    const [x, g] = inputs
    requireInputs(
      'affine.vjp.weight',
      inputs,
      'x [rows…, d], g [rows…, d]',
      inputs.length === 2 && x.shape.length >= 1 && sameShape(x.shape, g.shape),
    )
    return float(x.shape.slice(-1))
  },
  forward(out, [x, g], { inputs }) {
    const [rows, d] = rowsAndWidth(inputs[0])
    for (let i = 0; i < d; i++) {
      let sum = 0
      for (let r = 0; r < rows; r++) sum += x[r * d + i] * g[r * d + i]
      out[i] = sum
    }
  },
  vjp: 'none',
  axes: loops('r… d, r… d -> d', { linear: [0, 1] }),
  onnx({ names: [x, g], inputs, node, int64s }) {
    const axes = inputs[0].slice(1).map((_, axis) => axis)
    const products = node('Mul', [x, g])
    // Without axes ReduceSum would sum over all of them.
    return axes.length === 0 ? products : node('ReduceSum', [products, int64s(axes, [axes.length])], { keepdims: 0 })
  },
  sample(draw) {
    const full = { shape: drawShape(draw) }
    return { inputs: [full, full], attrs: {} }
  },
})
