import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'

// y[b, p, m] = Σ_h r[b, p, h, m]          r [batch, pos, head, d_model], y [batch, pos, d_model]
// dr[b, p, h, m] = g[b, p, m]
// The attention output as the sum of what its heads write: Elhage et al. 2021, "A Mathematical Framework for
// Transformer Circuits". Where no head's result is read or clamped, one matrix product does both steps.

export const sumHeads = defineOp({
  name: 'sum-heads',
  formula: 'y[b, p, m] = Σ_h r[b, p, h, m]',
  infer(inputs) {
    const [r] = inputs
    const fits = inputs.length === 1 && r.shape.length === 4
    requireInputs('sum-heads', inputs, 'r [batch, pos, head, d_model]', fits)
    const [batch, pos, , dModel] = r.shape
    return float([batch, pos, dModel])
  },
  forward(out, [r], { inputs, shape: [batch, pos, dModel] }) {
    const heads = inputs[0][2]
    for (let token = 0; token < batch * pos; token++) {
      for (let m = 0; m < dModel; m++) {
        let sum = 0
        for (let h = 0; h < heads; h++) sum += r[(token * heads + h) * dModel + m]
        out[token * dModel + m] = sum
      }
    }
  },
  vjp({ inputs: [r], gradient, emit, shapeOf }) {
    const shape = shapeOf(r)
    const [batch, pos, , dModel] = shape
    return emit('broadcast', [emit('reshape', [gradient], { shape: [batch, pos, 1, dModel] })], { shape })
  },
  axes: loops('b p h m -> b p m', { linear: [0] }),
  onnx: ({ names: [r], node, int64s }) => node('ReduceSum', [r, int64s([2], [1])], { keepdims: 0 }),
  sample(draw) {
    return { inputs: [{ shape: [draw.size(3), draw.size(5), draw.size(4), draw.size(11)] }], attrs: {} }
  },
  rewrites: [
    {
      // sum-heads(head-result(z, W)) = linear(z with its heads side by side, W)
      kind: 'fuse',
      offer({ inputs: [r], shape: [batch, pos] }, { look, shapeOf }) {
        const result = look(r)
        if (result?.op !== 'head-result') return undefined
        const [z, w] = result.inputs
        const [, , heads, dHead] = shapeOf(z)
        const flat = { op: 'reshape', attrs: { shape: [batch, pos, heads * dHead] }, inputs: [z] }
        return { op: 'linear', attrs: {}, inputs: [flat, w] }
      },
    },
  ],
})
