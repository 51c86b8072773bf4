import { sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'
import { endToEnd } from './shared/end-to-end.ts'
import { drawShape } from './shared/repeat.ts'

// y [total] = the elements of x1, then those of x2, …        all parameters as one vector, for one optimiser step

export const pack = defineOp({
  name: 'pack',
  formula: 'y = x1, x2, … one after the other',
  infer(inputs) {
    requireInputs(
      'pack',
      inputs,
      'at least one input, all floats',
      inputs.length > 0 && inputs.every(({ dtype }) => dtype === 'float'),
    )
    return float([inputs.reduce((total, { shape }) => total + sizeOf(shape), 0)])
  },
  forward: endToEnd,
  vjp: 'none',
  axes: none,
  onnx({ names, node, int64s }) {
    const flat = names.map((name) => node('Reshape', [name, int64s([-1], [1])]))
    return node('Concat', flat, { axis: 0 })
  },
  sample(draw) {
    return { inputs: Array.from({ length: draw.size(4) }, () => ({ shape: drawShape(draw) })), attrs: {} }
  },
  memory: 'pack',
})
