import type { NumberArray } from '../core/dtype.ts'
import { rowsAndWidth, type Shape, sameShape } from '../core/shape.ts'
import { type Draw, defineOp, float, type OnnxContext, requireInputs, type Sample } from './define.ts'
import { eachRow } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'
import { isColumnOf, meanOf, withWidth } from './shared/rows.ts'

// y = (x − mean_d x) / scale                      x, y [rows…, d], scale [rows…, 1]
// dx = (g − mean_d g) / scale                     dscale = −Σ_d g y / scale
// With `center: false` the means are taken as 0 (RMSNorm).
// `scale` is an input, not recomputed, so that a clamp of it is seen here and both gradient paths exist apart.
// Ba, Kiros, Hinton 2016 (arXiv 1607.06450) §3; Zhang, Sennrich 2019 (arXiv 1910.07467) eq. 4.

interface NormalizeAttrs {
  readonly center: boolean
}

export const normalize = defineOp({
  name: 'normalize',
  formula: 'y[r, d] = (x[r, d] − mean_d x[r, d]) / scale[r]; center false: x[r, d] / scale[r]',
  infer(inputs, _attrs: NormalizeAttrs) {
    const [x, scale] = inputs
    const fits = inputs.length === 2 && isColumnOf(x.shape, scale.shape)
    requireInputs('normalize', inputs, 'x [rows…, d], scale [rows…, 1]', fits)
    return float(x.shape)
  },
  forward(out, [x, scale], { attrs: { center }, shape }) {
    centerAndDivide(out, x, scale, center, shape)
  },
  vjp({ attrs: { center }, inputs: [, scale], output, gradient, emit }, index) {
    if (index === 0) return emit('normalize.vjp.x', [gradient, scale], { center })
    return emit('normalize.vjp.scale', [output, scale, gradient])
  },
  axes: eachRow({ linear: [0] }),
  onnx: lowerCenterAndDivide,
  sample: sampleCenterAndDivide,
})

export const normalizeVjpX = defineOp({
  name: 'normalize.vjp.x',
  formula: 'dx[r, d] = (g[r, d] − mean_d g[r, d]) / scale[r]; center false: g[r, d] / scale[r]',
  infer(inputs, _attrs: NormalizeAttrs) {
    const [g, scale] = inputs
    const fits = inputs.length === 2 && isColumnOf(g.shape, scale.shape)
    requireInputs('normalize.vjp.x', inputs, 'g [rows…, d], scale [rows…, 1]', fits)
    return float(g.shape)
  },
  // Centring is its own transpose, so the gradient is the same map as the forward one.
  forward(out, [g, scale], { attrs: { center }, shape }) {
    centerAndDivide(out, g, scale, center, shape)
  },
  vjp: 'none',
  axes: eachRow({ linear: [0] }),
  onnx: lowerCenterAndDivide,
  sample: sampleCenterAndDivide,
})

export const normalizeVjpScale = defineOp({
  name: 'normalize.vjp.scale',
  formula: 'dscale[r] = −Σ_d g[r, d] y[r, d] / scale[r]',
  infer(inputs) {
    const [normalized, scale, g] = inputs
    requireInputs(
      'normalize.vjp.scale',
      inputs,
      'normalized [rows…, d], scale [rows…, 1], g [rows…, d]',
      inputs.length === 3 && isColumnOf(normalized.shape, scale.shape) && sameShape(normalized.shape, g.shape),
    )
    return float(withWidth(g.shape, 1))
  },
  forward(out, [normalized, scale, g], { inputs }) {
    const [rows, d] = rowsAndWidth(inputs[0])
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let i = 0; i < d; i++) sum += g[r * d + i] * normalized[r * d + i]
      out[r] = -sum / scale[r]
    }
  },
  vjp: 'none',
  axes: eachRow({ linear: [0, 2] }),
  onnx({ names: [normalized, scale, g], node, int64s }) {
    const sum = node('ReduceSum', [node('Mul', [g, normalized]), int64s([-1], [1])], { keepdims: 1 })
    return node('Neg', [node('Div', [sum, scale])])
  },
  sample(draw) {
    const full = { shape: drawShape(draw) }
    return { inputs: [full, { shape: withWidth(full.shape, 1), positive: true }, full], attrs: {} }
  },
})

/** out [rows…, d] = (x − mean x) / scale, or x / scale. */
function centerAndDivide(out: NumberArray, x: NumberArray, scale: NumberArray, center: boolean, shape: Shape): void {
  const [rows, d] = rowsAndWidth(shape)
  for (let r = 0; r < rows; r++) {
    const mean = center ? meanOf(x, r * d, d) : 0
    for (let i = 0; i < d; i++) out[r * d + i] = (x[r * d + i] - mean) / scale[r]
  }
}

function lowerCenterAndDivide({ names: [x, scale], attrs: { center }, node }: OnnxContext<NormalizeAttrs>): string {
  const centered = center ? node('Sub', [x, node('ReduceMean', [x], { axes: [-1], keepdims: 1 })]) : x
  return node('Div', [centered, scale])
}

function sampleCenterAndDivide(draw: Draw): Sample<NormalizeAttrs> {
  const shape = drawShape(draw)
  return {
    inputs: [{ shape }, { shape: withWidth(shape, 1), positive: true }],
    attrs: { center: draw.pick([true, false]) },
  }
}
