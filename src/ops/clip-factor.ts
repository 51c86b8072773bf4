import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'
import { CLIP_EPS } from './shared/optimizer.ts'
import { drawShape } from './shared/repeat.ts'

// y [] = min(1, largest / (norm + 1e-6)),  norm = √(Σ of the squares of all elements of x1, x2, …)
// Pascanu, Mikolov, Bengio 2013 (arXiv 1211.5063) §3.2, with the 1e-6 of PyTorch's clip_grad_norm_.

export const clipFactor = defineOp<'clip-factor', { readonly largest: number }>({
  name: 'clip-factor',
  formula: 'y = min(1, largest / (√(Σ x1² + Σ x2² + …) + 1e-6))',
  infer(inputs) {
    requireInputs(
      'clip-factor',
      inputs,
      'at least one input, all floats',
      inputs.length > 0 && inputs.every(({ dtype }) => dtype === 'float'),
    )
    return float([])
  },
  forward(out, inputs, { attrs: { largest } }) {
    let squares = 0
    for (const x of inputs) for (let i = 0; i < x.length; i++) squares += x[i] * x[i]
    out[0] = Math.min(1, largest / (Math.sqrt(squares) + CLIP_EPS))
  },
  vjp: 'none',
  axes: none,
  onnx({ names, attrs: { largest }, node, floats }) {
    const squares = names.map((name) => node('ReduceSumSquare', [name], { keepdims: 0 }))
    const norm = node('Sqrt', [squares.reduce((sum, part) => node('Add', [sum, part]))])
    const factor = node('Div', [floats([largest], []), node('Add', [norm, floats([CLIP_EPS], [])])])
    return node('Min', [floats([1], []), factor])
  },
  sample(draw) {
    const inputs = Array.from({ length: draw.size(4) }, () => ({ shape: drawShape(draw) }))
    return { inputs, attrs: { largest: draw.number(0.1, 4) } }
  },
})
