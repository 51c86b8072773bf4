import { defineOp } from './define.ts'
import { type AdamAttrs, adamForward, adamOnnx, adamSample } from './shared/adam.ts'
import { none } from './shared/axes.ts'
import { inferStep, onnxPart, onnxRate } from './shared/optimizer.ts'

// p' = rates[2] · p − rates[0] · m' / (√(v' · rates[1]) + eps)        state [3 n] is p, m, v; g [n]; see shared/adam.ts
// Loshchilov and Hutter 2019 (arXiv 1711.05101), algorithm 2, as PyTorch has it: rates[2] = 1 − learning rate · decay.

export const adamW = defineOp<'adam-w', AdamAttrs>({
  name: 'adam-w',
  formula:
    "m' = β1 m + (1 − β1) g, v' = β2 v + (1 − β2) g², p' = rates[2] p − rates[0] · m' / (√(v' · rates[1]) + eps)",
  infer: (inputs) => inferStep('adam-w', inputs, ['p', 'm', 'v'], 3),
  forward: (out, inputs, { attrs }) => adamForward(out, inputs, attrs, inputs[2][2]),
  vjp: 'none',
  axes: none,
  onnx(context) {
    const kept = context.node('Mul', [onnxPart(context, 0), onnxRate(context, 2)])
    return adamOnnx(context, kept)
  },
  sample: (draw) => adamSample(draw, 3),
  memory: { over: 0 },
})
