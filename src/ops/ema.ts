import { defineOp } from './define.ts'
import { inferStep, stepRows } from './shared/optimizer.ts'
import { drawShape } from './shared/repeat.ts'

// Exponential moving averages: the two moments of Adam. All shapes equal.
//   ema          m' = decay·m + (1 − decay)·g
//   ema-square   v' = decay·v + (1 − decay)·g²

interface Attrs {
  readonly decay: number
}

export const ema = defineOp<'ema', Attrs>({
  name: 'ema',
  formula: "m' = decay·m + (1 − decay)·g",
  infer: (inputs) => inferStep('ema', inputs, ['m', 'g']),
  forward(out, [m, g], { attrs: { decay } }) {
    for (let i = 0; i < out.length; i++) out[i] = decay * m[i] + (1 - decay) * g[i]
  },
  vjp: 'none',
  rowwise: stepRows(false),
  onnx({ names: [m, g], attrs: { decay }, node, floats }) {
    const kept = node('Mul', [m, floats([decay], [])])
    return node('Add', [kept, node('Mul', [g, floats([1 - decay], [])])])
  },
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape }, { shape }], attrs: { decay: draw.number(0.5, 0.999) } }
  },
  inPlace: 0,
})

export const emaSquare = defineOp<'ema-square', Attrs>({
  name: 'ema-square',
  formula: "v' = decay·v + (1 − decay)·g²",
  infer: (inputs) => inferStep('ema-square', inputs, ['v', 'g']),
  forward(out, [v, g], { attrs: { decay } }) {
    for (let i = 0; i < out.length; i++) out[i] = decay * v[i] + (1 - decay) * g[i] * g[i]
  },
  vjp: 'none',
  rowwise: stepRows(false),
  onnx({ names: [v, g], attrs: { decay }, node, floats }) {
    const kept = node('Mul', [v, floats([decay], [])])
    return node('Add', [kept, node('Mul', [node('Mul', [g, g]), floats([1 - decay], [])])])
  },
  sample(draw) {
    const shape = drawShape(draw)
    return { inputs: [{ shape, positive: true }, { shape }], attrs: { decay: draw.number(0.5, 0.999) } }
  },
  inPlace: 0,
})
