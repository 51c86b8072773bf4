import { defineOp } from './define.ts'
import { inferStep, stepRows } from './shared/optimizer.ts'
import { drawShape } from './shared/repeat.ts'

// p' = p − rates[0] · m / (√(v · rates[1]) + eps)        p, m, v of one shape
// The bias corrections of step t are in the rates: rates = [learning rate / (1 − β1^t), 1 / (1 − β2^t)].

export const adam = defineOp<'adam', { readonly eps: number }>({
  name: 'adam',
  formula: "p' = p − rates[0] · m / (√(v · rates[1]) + eps)",
  infer: (inputs) => inferStep('adam', inputs, ['p', 'm', 'v'], 2),
  forward(out, [p, m, v, rates], { attrs: { eps } }) {
    for (let i = 0; i < out.length; i++) out[i] = p[i] - (rates[0] * m[i]) / (Math.sqrt(v[i] * rates[1]) + eps)
  },
  vjp: 'none',
  rowwise: stepRows(true),
  onnx({ names: [p, m, v, rates], attrs: { eps }, node, floats, int64s }) {
    const rate = (i: number) => node('Gather', [rates, int64s([i], [])], { axis: 0 })
    const root = node('Sqrt', [node('Mul', [v, rate(1)])])
    const step = node('Div', [node('Mul', [m, rate(0)]), node('Add', [root, floats([eps], [])])])
    return node('Sub', [p, step])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const rates = { shape: [2], positive: true }
    return {
      inputs: [{ shape }, { shape }, { shape, positive: true }, rates],
      attrs: { eps: draw.pick([1e-8, 1e-3]) },
    }
  },
  inPlace: 0,
})
