import { defineOp } from './define.ts'
import { type AdamAttrs, adamForward, adamOnnx, adamSample } from './shared/adam.ts'
import { none } from './shared/axes.ts'
import { inferStep, onnxPart } from './shared/optimizer.ts'

// p' = p − rates[0] · m' / (√(v' · rates[1]) + eps)        state [3 n] is p, m, v; g [n]; see shared/adam.ts

export const adam = defineOp<'adam', AdamAttrs>({
  name: 'adam',
  formula: "m' = β1 m + (1 − β1) g, v' = β2 v + (1 − β2) g², p' = p − rates[0] · m' / (√(v' · rates[1]) + eps)",
  infer: (inputs) => inferStep('adam', inputs, ['p', 'm', 'v'], 2),
  forward: (out, inputs, { attrs }) => adamForward(out, inputs, attrs, 1),
  vjp: 'none',
  axes: none,
  onnx: (context) => adamOnnx(context, onnxPart(context, 0)),
  sample: (draw) => adamSample(draw, 2),
  memory: { over: 0 },
})
