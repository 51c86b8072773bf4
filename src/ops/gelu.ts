import { sameShape } from '../core/shape.ts'
import { defineOp, float, type OnnxContext, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'

// y = x (1 + t) / 2,  t = tanh(√(2/π) (x + 0.044715 x³))                    x, y [any shape]
// dx = g ((1 + t) / 2 + x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²) / 2)
// Hendrycks, Gimpel 2016 (arXiv 1606.08415) §2: the tanh form, which GPT-2 was trained with ("gelu_new").

const ROOT = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

export const gelu = defineOp({
  name: 'gelu',
  formula: 'y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2',
  infer(inputs) {
    requireInputs('gelu', inputs, 'x of any shape', inputs.length === 1)
    return float(inputs[0].shape)
  },
  forward(out, [x]) {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] * (1 + tanhOf(x[i]))) / 2
  },
  vjp: ({ inputs: [x], gradient, emit }) => emit('gelu.vjp', [x, gradient]),
  axes: eachElement(),
  onnx(context) {
    const [x] = context.names
    return context.node('Mul', [x, lowerGate(x, context.node('Mul', [x, x]), context)])
  },
  sample: (draw) => ({ inputs: [{ shape: drawShape(draw) }], attrs: {} }),
})

export const geluVjp = defineOp({
  name: 'gelu.vjp',
  formula: 'dx = g ((1 + t) / 2 + x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²) / 2), t = tanh(√(2/π) (x + 0.044715 x³))',
  infer(inputs) {
    const [x, g] = inputs
    requireInputs('gelu.vjp', inputs, 'x and g of one shape', inputs.length === 2 && sameShape(x.shape, g.shape))
    return float(x.shape)
  },
  forward(out, [x, g]) {
    for (let i = 0; i < out.length; i++) {
      const t = tanhOf(x[i])
      const slope = (1 - t * t) * ROOT * (1 + 3 * CUBIC * x[i] * x[i])
      out[i] = (g[i] * (1 + t + x[i] * slope)) / 2
    }
  },
  vjp: 'none',
  axes: eachElement({ linear: [1] }),
  onnx(context) {
    const {
      names: [x, g],
      node,
      floats,
    } = context
    const square = node('Mul', [x, x])
    const gate = lowerGate(x, square, context)
    const steep = node('Add', [node('Mul', [square, floats([6 * CUBIC * ROOT], [])]), floats([2 * ROOT], [])])
    // s (1 − s) is a quarter of 1 − t².
    const bend = node('Mul', [gate, node('Sub', [floats([1], []), gate])])
    const slope = node('Mul', [node('Mul', [x, steep]), bend])
    return node('Mul', [g, node('Add', [gate, slope])])
  },
  sample(draw) {
    const x = { shape: drawShape(draw) }
    return { inputs: [x, x], attrs: {} }
  },
})

function tanhOf(x: number): number {
  return Math.tanh(ROOT * (x + CUBIC * x ** 3))
}

type Lowering = Pick<OnnxContext<unknown>, 'node' | 'floats'>

/** (1 + tanh(√(2/π) x (1 + 0.044715 x²))) / 2, which is the logistic function of twice as much. */
function lowerGate(x: string, square: string, { node, floats }: Lowering): string {
  const factor = node('Add', [node('Mul', [square, floats([2 * CUBIC * ROOT], [])]), floats([2 * ROOT], [])])
  return node('Sigmoid', [node('Mul', [x, factor])])
}
