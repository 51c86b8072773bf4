import { elementwise, onnxIndicator } from './shared/elementwise.ts'

// y = min(max(x, min), max)        dx = g [min ≤ x ≤ max]

interface Bounds {
  readonly min: number
  readonly max: number
}

export const [clip, clipVjp] = elementwise<'clip', Bounds>('clip', {
  formula: 'y = min(max(x, min), max)',
  value: (x, { min, max }) => Math.min(Math.max(x, min), max),
  slopeFormula: 'dx = g [min ≤ x ≤ max]',
  slope: (x, { min, max }) => (x >= min && x <= max ? 1 : 0),
  onnx: (x, { node, floats, attrs: { min, max } }) => node('Clip', [x, floats([min], []), floats([max], [])]),
  onnxSlope(x, context) {
    const { node, floats, attrs } = context
    const above = node('GreaterOrEqual', [x, floats([attrs.min], [])])
    const below = node('LessOrEqual', [x, floats([attrs.max], [])])
    return onnxIndicator(context, node('And', [above, below]))
  },
  attrs: (draw) => ({ min: draw.number(-1, 0), max: draw.number(0.1, 1) }),
})
