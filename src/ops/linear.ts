import type { NumberArray } from '../core/dtype.ts'
import { rowsAndWidth, sameShape } from '../core/shape.ts'
import { type Draw, defineOp, float, requireInputs } from './define.ts'
import { loops, unlessBiased } from './shared/axes.ts'

// y = x W + b        x [rows…, in], W [in, out], b [out] (optional), y [rows…, out]
// dx = dy Wᵀ         dW = xᵀ dy         db = Σ_rows dy

export const linear = defineOp({
  name: 'linear',
  formula: 'y[r, out] = Σ_in x[r, in] W[in, out] + b[out]',
  infer(inputs) {
    const [x, w, b] = inputs
    requireInputs(
      'linear',
      inputs,
      'x [rows…, in], W [in, out] and perhaps b [out]',
      x !== undefined &&
        w !== undefined &&
        w.shape.length === 2 &&
        x.shape.length >= 1 &&
        x.shape[x.shape.length - 1] === w.shape[0] &&
        (b === undefined || sameShape(b.shape, [w.shape[1]])),
    )
    return float([...x.shape.slice(0, -1), w.shape[1]])
  },
  forward(out, [x, w, b], { inputs, shape }) {
    const [rows, nOut] = rowsAndWidth(shape)
    const nIn = inputs[1][0]
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < nOut; o++) {
        let sum = b ? b[o]! : 0
        for (let i = 0; i < nIn; i++) sum += x[r * nIn + i] * w[i * nOut + o]!
        out[r * nOut + o] = sum
      }
    }
  },
  vjp({ inputs, gradient, emit, shapeOf }, index) {
    if (index === 0) return emit('linear.vjp.x', [gradient, inputs[1]])
    if (index === 1) return emit('linear.vjp.weight', [inputs[0], gradient])
    return emit('reduce-sum', [gradient], { shape: shapeOf(inputs[2]) })
  },
  axes: loops('r… i, i o, o -> r… o', { linear: unlessBiased }),
  onnx({ names: [x, w, b], node }) {
    const product = node('MatMul', [x, w])
    return b === undefined ? product : node('Add', [product, b])
  },
  sample(draw) {
    const [nIn, nOut] = [draw.size(), draw.size(19)]
    const x = { shape: [...rowShape(draw), nIn] }
    const w = { shape: [nIn, nOut] }
    return { inputs: draw.pick([true, false]) ? [x, w, { shape: [nOut] }] : [x, w], attrs: {} }
  },
})

export const linearVjpX = defineOp({
  name: 'linear.vjp.x',
  formula: 'dx[r, in] = Σ_out dy[r, out] W[in, out]',
  infer(inputs) {
    const [g, w] = inputs
    requireInputs(
      'linear.vjp.x',
      inputs,
      'dy [rows…, out], W [in, out]',
      inputs.length === 2 && w.shape.length === 2 && g.shape[g.shape.length - 1] === w.shape[1],
    )
    return float([...g.shape.slice(0, -1), w.shape[0]])
  },
  forward(out, [g, w], { inputs, shape }) {
    const [rows, nIn] = rowsAndWidth(shape)
    const nOut = inputs[1][1]
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < nIn; i++) out[r * nIn + i] = dot(g, r * nOut, w, i * nOut, nOut)
    }
  },
  // A product with a transposed matrix is an op of its own right: tied read-outs use it forwards.
  vjp({ inputs: [g, w], gradient, emit }, index) {
    return index === 0 ? emit('linear', [gradient, w]) : emit('linear.vjp.weight', [gradient, g])
  },
  axes: loops('r… o, i o -> r… i', { linear: [0, 1] }),
  onnx({ names: [g, w], node }) {
    return node('MatMul', [g, node('Transpose', [w], { perm: [1, 0] })])
  },
  sample(draw) {
    const [nIn, nOut] = [draw.size(19), draw.size()]
    return { inputs: [{ shape: [...rowShape(draw), nOut] }, { shape: [nIn, nOut] }], attrs: {} }
  },
})

export const linearVjpWeight = defineOp({
  name: 'linear.vjp.weight',
  formula: 'dW[in, out] = Σ_r x[r, in] dy[r, out]',
  infer(inputs) {
    const [x, g] = inputs
    requireInputs(
      'linear.vjp.weight',
      inputs,
      'x [rows…, in], dy [rows…, out] with the same rows',
      inputs.length === 2 && sameShape(x.shape.slice(0, -1), g.shape.slice(0, -1)),
    )
    return float([x.shape[x.shape.length - 1], g.shape[g.shape.length - 1]])
  },
  forward(out, [x, g], { inputs, shape }) {
    const [nIn, nOut] = shape as [number, number]
    const [rows] = rowsAndWidth(inputs[0])
    for (let i = 0; i < nIn; i++) {
      for (let o = 0; o < nOut; o++) {
        let sum = 0
        for (let r = 0; r < rows; r++) sum += x[r * nIn + i] * g[r * nOut + o]!
        out[i * nOut + o] = sum
      }
    }
  },
  vjp: 'none',
  axes: loops('r… i, r… o -> i o', { linear: [0, 1] }),
  onnx({ names: [x, g], shape: [nIn, nOut], node, int64s }) {
    const flatX = node('Reshape', [x, int64s([-1, nIn], [2])])
    const flatG = node('Reshape', [g, int64s([-1, nOut], [2])])
    return node('MatMul', [node('Transpose', [flatX], { perm: [1, 0] }), flatG])
  },
  sample(draw) {
    const rows = rowShape(draw)
    return { inputs: [{ shape: [...rows, draw.size()] }, { shape: [...rows, draw.size(19)] }], attrs: {} }
  },
})

function rowShape(draw: Draw): number[] {
  return draw.pick([true, false]) ? [draw.size()] : [draw.size(4), draw.size()]
}

function dot(a: NumberArray, aStart: number, b: NumberArray, bStart: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += a[aStart + i] * b[bStart + i]!
  return sum
}
