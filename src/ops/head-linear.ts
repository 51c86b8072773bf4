import type { Shape } from '../core/shape.ts'
import { type Draw, defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { onnxByHead, onnxTranspose } from './shared/onnx.ts'

// y[b, p, h, d] = Σ_i x[b, p, h, i] W[i, h · d_head + d]       x [batch, pos, head, in], W [in, head · d_head]
// dx[b, p, h, i] = Σ_d g[b, p, h, d] W[i, h · d_head + d]      dW[i, h · d_head + d] = Σ_(b, p) x[b, p, h, i] g[b, p, h, d]
// Each head's own columns of W, over what that head alone has: a projection after heads have gone different ways.

interface HeadsAttrs {
  /** How many heads share the columns of W. */
  readonly heads: number
}

export const headLinear = defineOp({
  name: 'head-linear',
  formula: 'y[b, p, h, d] = Σ_i x[b, p, h, i] W[i, h · d_head + d]',
  infer(inputs) {
    const [x, w] = inputs
    requireInputs(
      'head-linear',
      inputs,
      'x [batch, pos, head, in], W [in, head · d_head]',
      inputs.length === 2 &&
        x.shape.length === 4 &&
        w.shape.length === 2 &&
        x.shape[3] === w.shape[0] &&
        w.shape[1] % x.shape[2] === 0,
    )
    return float([...x.shape.slice(0, 3), w.shape[1] / x.shape[2]])
  },
  forward(out, [x, w], { inputs: [[, , heads, nIn]], shape }) {
    const dHead = shape[3]
    for (let row = 0; row < out.length / dHead; row++) {
      const head = row % heads
      for (let d = 0; d < dHead; d++) {
        let sum = 0
        for (let i = 0; i < nIn; i++) sum += x[row * nIn + i] * w[(i * heads + head) * dHead + d]
        out[row * dHead + d] = sum
      }
    }
  },
  vjp({ inputs: [x, w], gradient, emit, shapeOf }, index) {
    if (index === 0) return emit('head-linear.vjp.x', [gradient, w], { heads: shapeOf(x)[2] })
    return emit('head-linear.vjp.weight', [x, gradient])
  },
  // Heads read different columns of W, so `head` is no row axis.
  axes: loops('b p * i, i * -> b p * *', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [x, w] = names
    const [[, , heads, nIn]] = inputs
    const weights = node('Reshape', [w, int64s([nIn, heads, shape[3]], [3])])
    const product = node('MatMul', [onnxByHead(context, x), onnxTranspose(context, weights, [1, 0, 2])])
    return onnxByHead(context, product)
  },
  sample(draw) {
    const { rows, heads, nIn, dHead } = drawSizes(draw)
    return { inputs: [{ shape: [...rows, heads, nIn] }, { shape: [nIn, heads * dHead] }], attrs: {} }
  },
})

export const headLinearVjpX = defineOp({
  name: 'head-linear.vjp.x',
  formula: 'dx[b, p, h, i] = Σ_d g[b, p, h, d] W[i, h · d_head + d]',
  infer(inputs, { heads }: HeadsAttrs) {
    const [g, w] = inputs
    requireInputs(
      'head-linear.vjp.x',
      inputs,
      `g [batch, pos, ${heads}, d_head], W [in, ${heads} · d_head]`,
      inputs.length === 2 &&
        g.shape.length === 4 &&
        w.shape.length === 2 &&
        g.shape[2] === heads &&
        g.shape[3] * heads === w.shape[1],
    )
    return float([...g.shape.slice(0, 3), w.shape[0]])
  },
  forward(out, [g, w], { inputs: [[, , heads, dHead]], shape }) {
    const nIn = shape[3]
    for (let row = 0; row < out.length / nIn; row++) {
      const head = row % heads
      for (let i = 0; i < nIn; i++) {
        let sum = 0
        for (let d = 0; d < dHead; d++) sum += g[row * dHead + d] * w[(i * heads + head) * dHead + d]
        out[row * nIn + i] = sum
      }
    }
  },
  vjp: 'none',
  axes: loops('b p * *, i * -> b p * i', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [g, w] = names
    const [[, , heads, dHead]] = inputs
    const weights = node('Reshape', [w, int64s([shape[3], heads, dHead], [3])])
    const product = node('MatMul', [onnxByHead(context, g), onnxTranspose(context, weights, [1, 2, 0])])
    return onnxByHead(context, product)
  },
  sample(draw) {
    const { rows, heads, nIn, dHead } = drawSizes(draw)
    return { inputs: [{ shape: [...rows, heads, dHead] }, { shape: [nIn, heads * dHead] }], attrs: { heads } }
  },
})

export const headLinearVjpWeight = defineOp({
  name: 'head-linear.vjp.weight',
  formula: 'dW[i, h · d_head + d] = Σ_(b, p) x[b, p, h, i] g[b, p, h, d]',
  infer(inputs) {
    const [x, g] = inputs
    requireInputs(
      'head-linear.vjp.weight',
      inputs,
      'x [batch, pos, head, in], g [batch, pos, head, d_head]',
      inputs.length === 2 &&
        x.shape.length === 4 &&
        g.shape.length === 4 &&
        [0, 1, 2].every((axis) => x.shape[axis] === g.shape[axis]),
    )
    return float([x.shape[3], g.shape[2] * g.shape[3]])
  },
  forward(out, [x, g], { inputs: [[batch, pos, heads, nIn], [, , , dHead]] }) {
    const width = heads * dHead
    for (let i = 0; i < nIn; i++) {
      for (let column = 0; column < width; column++) {
        const [head, d] = [Math.floor(column / dHead), column % dHead]
        let sum = 0
        for (let token = 0; token < batch * pos; token++) {
          const row = token * heads + head
          sum += x[row * nIn + i] * g[row * dHead + d]
        }
        out[i * width + column] = sum
      }
    }
  },
  vjp: 'none',
  axes: loops('b p * i, b p * * -> i *', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [x, g] = names.map((name, i) => {
      const [, , heads, width] = inputs[i]
      return node('Reshape', [name, int64s([-1, heads, width], [3])])
    })
    const product = node('MatMul', [onnxTranspose(context, x, [1, 2, 0]), onnxTranspose(context, g, [1, 0, 2])])
    return node('Reshape', [onnxTranspose(context, product, [1, 0, 2]), int64s(shape, [2])])
  },
  sample(draw) {
    const { rows, heads, nIn, dHead } = drawSizes(draw)
    return { inputs: [{ shape: [...rows, heads, nIn] }, { shape: [...rows, heads, dHead] }], attrs: {} }
  },
})

function drawSizes(draw: Draw): { rows: Shape; heads: number; nIn: number; dHead: number } {
  const [batch, pos, heads, nIn, dHead] = [3, 5, 4, 9, 6].map((max) => draw.size(max))
  return { rows: [batch, pos], heads, nIn, dHead }
}
