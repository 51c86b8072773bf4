import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'
import { drawShape } from './shared/repeat.ts'

// y [shape] = value        one number for all elements, or one a element, row-major

interface Attrs {
  readonly shape: Shape
  readonly value: number | readonly number[]
}

export const constant = defineOp<'constant', Attrs>({
  name: 'constant',
  formula: 'y = value',
  infer(inputs, { shape, value }) {
    requireInputs('constant', inputs, 'no inputs', inputs.length === 0)
    if (typeof value !== 'number' && value.length !== sizeOf(shape)) {
      throw new OpsinError('SHAPE', {
        where: 'constant: value',
        expected: `one number, or ${sizeOf(shape)} for shape ${showShape(shape)}`,
        got: `${value.length}`,
      })
    }
    return float(shape)
  },
  forward(out, _, { attrs: { value } }) {
    for (let i = 0; i < out.length; i++) out[i] = typeof value === 'number' ? value : value[i]
  },
  vjp: 'none',
  axes: none,
  onnx({ attrs: { shape, value }, node, floats, int64s }) {
    if (typeof value !== 'number') return node('Identity', [floats(value, shape)])
    return node('Expand', [floats([value], []), int64s(shape, [shape.length])])
  },
  sample(draw) {
    const shape = draw.pick([[], drawShape(draw)])
    const all = () => Array.from({ length: sizeOf(shape) }, () => draw.number(-2, 2))
    return { inputs: [], attrs: { shape, value: draw.pick([() => draw.number(-2, 2), all])() } }
  },
})
