import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { onnxByHead, onnxTranspose } from './shared/onnx.ts'

// result[b, p, h, m] = Σ_d z[b, p, h, d] W[h · d_head + d, m]      z [batch, pos, head, d_head], W [head · d_head, d_model]
// dz[b, p, h, d] = Σ_m g[b, p, h, m] W[h · d_head + d, m]          dW[h · d_head + d, m] = Σ_(b, p) z[b, p, h, d] g[b, p, h, m]
// What each head writes to the residual stream (TransformerLens: hook_result); summed over heads it is z W.

export const headResult = defineOp({
  name: 'head-result',
  formula: 'result[b, p, h, m] = Σ_d z[b, p, h, d] W[h · d_head + d, m]',
  infer(inputs) {
    const [z, w] = inputs
    requireInputs(
      'head-result',
      inputs,
      'z [batch, pos, head, d_head], W [head · d_head, d_model]',
      inputs.length === 2 && z.shape.length === 4 && w.shape.length === 2 && z.shape[2] * z.shape[3] === w.shape[0],
    )
    return float([...z.shape.slice(0, 3), w.shape[1]])
  },
  forward(out, [z, w], { inputs, shape: [batch, pos, heads, dModel] }) {
    const dHead = inputs[0][3]
    for (let row = 0; row < batch * pos * heads; row++) {
      const head = row % heads
      for (let m = 0; m < dModel; m++) {
        let sum = 0
        for (let d = 0; d < dHead; d++) sum += z[row * dHead + d] * w[(head * dHead + d) * dModel + m]
        out[row * dModel + m] = sum
      }
    }
  },
  vjp({ inputs: [z, w], gradient, emit, shapeOf }, index) {
    if (index === 0) return emit('head-result.vjp.z', [gradient, w], { heads: shapeOf(z)[2] })
    return emit('head-result.vjp.weight', [z, gradient])
  },
  axes: loops('b p h *, h m -> b p h m', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [z, w] = names
    const [[, , heads, dHead]] = inputs
    const weights = node('Reshape', [w, int64s([heads, dHead, shape[3]], [3])])
    return onnxByHead(context, node('MatMul', [onnxByHead(context, z), weights]))
  },
  sample(draw) {
    const [batch, pos, heads, dHead, dModel] = [3, 5, 4, 6, 9].map((max) => draw.size(max))
    return { inputs: [{ shape: [batch, pos, heads, dHead] }, { shape: [heads * dHead, dModel] }], attrs: {} }
  },
})

interface HeadsAttrs {
  /** How many heads share the rows of W. */
  readonly heads: number
}

export const headResultVjpZ = defineOp({
  name: 'head-result.vjp.z',
  formula: 'dz[b, p, h, d] = Σ_m g[b, p, h, m] W[h · d_head + d, m]',
  infer(inputs, { heads }: HeadsAttrs) {
    const [g, w] = inputs
    requireInputs(
      'head-result.vjp.z',
      inputs,
      `g [batch, pos, ${heads}, d_model], W [${heads} · d_head, d_model]`,
      inputs.length === 2 &&
        g.shape.length === 4 &&
        w.shape.length === 2 &&
        g.shape[2] === heads &&
        w.shape[0] % heads === 0 &&
        g.shape[3] === w.shape[1],
    )
    return float([...g.shape.slice(0, 3), w.shape[0] / heads])
  },
  forward(out, [g, w], { inputs, shape: [batch, pos, heads, dHead] }) {
    const dModel = inputs[0][3]
    for (let row = 0; row < batch * pos * heads; row++) {
      const head = row % heads
      for (let d = 0; d < dHead; d++) {
        let sum = 0
        for (let m = 0; m < dModel; m++) sum += g[row * dModel + m] * w[(head * dHead + d) * dModel + m]
        out[row * dHead + d] = sum
      }
    }
  },
  vjp: 'none',
  axes: loops('b p * m, * m -> b p * *', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [g, w] = names
    const [, , heads, dHead] = shape
    const weights = node('Reshape', [w, int64s([heads, dHead, inputs[0][3]], [3])])
    const product = node('MatMul', [onnxByHead(context, g), onnxTranspose(context, weights, [0, 2, 1])])
    return onnxByHead(context, product)
  },
  sample(draw) {
    const [batch, pos, heads, dHead, dModel] = [3, 5, 4, 6, 9].map((max) => draw.size(max))
    return { inputs: [{ shape: [batch, pos, heads, dModel] }, { shape: [heads * dHead, dModel] }], attrs: { heads } }
  },
})

export const headResultVjpWeight = defineOp({
  name: 'head-result.vjp.weight',
  formula: 'dW[h · d_head + d, m] = Σ_(b, p) z[b, p, h, d] g[b, p, h, m]',
  infer(inputs) {
    const [z, g] = inputs
    requireInputs(
      'head-result.vjp.weight',
      inputs,
      'z [batch, pos, head, d_head], g [batch, pos, head, d_model]',
      inputs.length === 2 &&
        z.shape.length === 4 &&
        g.shape.length === 4 &&
        [0, 1, 2].every((axis) => z.shape[axis] === g.shape[axis]),
    )
    return float([z.shape[2] * z.shape[3], g.shape[3]])
  },
  forward(out, [z, g], { inputs: [[batch, pos, heads, dHead]], shape: [width, dModel] }) {
    for (let row = 0; row < width; row++) {
      const [head, d] = [Math.floor(row / dHead), row % dHead]
      for (let m = 0; m < dModel; m++) {
        let sum = 0
        for (let token = 0; token < batch * pos; token++) {
          const at = token * heads + head
          sum += z[at * dHead + d] * g[at * dModel + m]
        }
        out[row * dModel + m] = sum
      }
    }
  },
  vjp: 'none',
  axes: loops('b p * *, b p * m -> * m', { linear: [0, 1] }),
  onnx(context) {
    const { names, inputs, shape, node, int64s } = context
    const [z, g] = names.map((name, i) => {
      const [, , heads, width] = inputs[i]
      return node('Reshape', [name, int64s([-1, heads, width], [3])])
    })
    const product = node('MatMul', [onnxTranspose(context, z, [1, 2, 0]), onnxTranspose(context, g, [1, 0, 2])])
    return node('Reshape', [product, int64s(shape, [2])])
  },
  sample(draw) {
    const [batch, pos, heads, dHead, dModel] = [3, 5, 4, 6, 9].map((max) => draw.size(max))
    return { inputs: [{ shape: [batch, pos, heads, dHead] }, { shape: [batch, pos, heads, dModel] }], attrs: {} }
  },
})
