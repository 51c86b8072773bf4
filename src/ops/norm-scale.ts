import { rowsAndWidth } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { eachRow } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'
import { isColumnOf, meanOf, withWidth } from './shared/rows.ts'

// scale = √(mean_d((x − mean_d x)²) + eps)        x [rows…, d], scale [rows…, 1]
// dx    = g (x − mean_d x) / (d · scale)          g [rows…, 1], dx [rows…, d]
// With `center: false` the mean is taken as 0: LayerNorm's denominator becomes RMSNorm's.
// What LayerNorm divides by is an op of its own because it is a hook point (TransformerLens: ln.hook_scale).
// Ba, Kiros, Hinton 2016 (arXiv 1607.06450) §3; Zhang, Sennrich 2019 (arXiv 1910.07467) eq. 4.

interface NormScaleAttrs {
  readonly eps: number
  readonly center: boolean
}

export const normScale = defineOp({
  name: 'norm-scale',
  formula: 'scale[r] = √(mean_d((x[r, d] − mean_d x[r, d])²) + eps); center false: √(mean_d(x[r, d]²) + eps)',
  infer(inputs, _attrs: NormScaleAttrs) {
    const [x] = inputs
    requireInputs('norm-scale', inputs, 'x [rows…, d]', inputs.length === 1 && x.shape.length >= 1)
    return float(withWidth(x.shape, 1))
  },
  forward(out, [x], { attrs: { eps, center }, inputs }) {
    const [rows, d] = rowsAndWidth(inputs[0])
    for (let r = 0; r < rows; r++) {
      const mean = center ? meanOf(x, r * d, d) : 0
      let squares = 0
      for (let i = 0; i < d; i++) squares += (x[r * d + i] - mean) ** 2
      out[r] = Math.sqrt(squares / d + eps)
    }
  },
  vjp: ({ attrs: { center }, inputs: [x], output, gradient, emit }) =>
    emit('norm-scale.vjp', [x, output, gradient], { center }),
  axes: eachRow(),
  onnx({ names: [x], attrs: { eps, center }, node, floats }) {
    const centered = center ? node('Sub', [x, node('ReduceMean', [x], { axes: [-1], keepdims: 1 })]) : x
    const variance = node('ReduceMean', [node('Mul', [centered, centered])], { axes: [-1], keepdims: 1 })
    return node('Sqrt', [node('Add', [variance, floats([eps], [])])])
  },
  sample(draw) {
    const attrs = { eps: draw.number(0.01, 0.3), center: draw.pick([true, false]) }
    return { inputs: [{ shape: drawShape(draw) }], attrs }
  },
})

export const normScaleVjp = defineOp({
  name: 'norm-scale.vjp',
  formula: 'dx[r, d] = g[r] (x[r, d] − mean_d x[r, d]) / (d · scale[r]); center false: g[r] x[r, d] / (d · scale[r])',
  infer(inputs, _attrs: Pick<NormScaleAttrs, 'center'>) {
    const [x, scale, g] = inputs
    requireInputs(
      'norm-scale.vjp',
      inputs,
      'x [rows…, d], scale [rows…, 1], g [rows…, 1]',
      inputs.length === 3 && isColumnOf(x.shape, scale.shape) && isColumnOf(x.shape, g.shape),
    )
    return float(x.shape)
  },
  forward(out, [x, scale, g], { attrs: { center }, shape }) {
    const [rows, d] = rowsAndWidth(shape)
    for (let r = 0; r < rows; r++) {
      const mean = center ? meanOf(x, r * d, d) : 0
      for (let i = 0; i < d; i++) out[r * d + i] = (g[r] * (x[r * d + i] - mean)) / (d * scale[r])
    }
  },
  vjp: 'none',
  axes: eachRow({ linear: [0, 2] }),
  onnx({ names: [x, scale, g], attrs: { center }, shape, node, floats }) {
    const [, d] = rowsAndWidth(shape)
    const centered = center ? node('Sub', [x, node('ReduceMean', [x], { axes: [-1], keepdims: 1 })]) : x
    const factor = node('Div', [g, node('Mul', [scale, floats([d], [])])])
    return node('Mul', [centered, factor])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const column = withWidth(shape, 1)
    return {
      inputs: [{ shape }, { shape: column, positive: true }, { shape: column }],
      attrs: { center: draw.pick([true, false]) },
    }
  },
})
