import { sameShape } from '../../core/shape.ts'
import { defineOp, float, type OnnxContext, type OpDef, requireInputs } from '../define.ts'
import { eachElement } from './axes.ts'
import { drawShape } from './repeat.ts'

/** A function on each element. */
interface Elementwise<Attrs> {
  readonly formula: string
  value(x: number, attrs: Attrs): number
  readonly slopeFormula: string
  slope(x: number, attrs: Attrs): number
  onnx(x: string, context: OnnxContext<Attrs>): string
  onnxSlope(x: string, context: OnnxContext<Attrs>): string
  readonly attrs?: (draw: { number(min: number, max: number): number }) => Attrs
}

/**
 * The op y = f(x) on every element of x [any shape], and its gradient dx = g f'(x).
 * @example
 * import { elementwise } from 'opsin/extend'
 * const [square] = elementwise('me/square', {
 *   formula: 'y = x²',
 *   value: (x) => x * x,
 *   slopeFormula: 'dx = 2 g x',
 *   slope: (x) => 2 * x,
 *   onnx: (x, { node }) => node('Mul', [x, x]),
 *   onnxSlope: (x, { node, floats }) => node('Mul', [floats([2], []), x]),
 * })
 * console.assert(square.name === 'me/square')
 */
export function elementwise<const Name extends string, Attrs extends object = Record<string, never>>(
  name: Name,
  f: Elementwise<Attrs>,
): [OpDef<Name, Attrs>, OpDef<`${Name}.vjp`, Attrs>] {
  const drawAttrs = f.attrs ?? (() => ({}) as Attrs)
  const forward = defineOp<Name, Attrs>({
    name,
    formula: f.formula,
    infer(inputs) {
      requireInputs(name, inputs, 'one float x of any shape', inputs.length === 1 && inputs[0].dtype === 'float')
      return float(inputs[0].shape)
    },
    forward(out, [x], { attrs }) {
      for (let i = 0; i < out.length; i++) out[i] = f.value(x[i], attrs)
    },
    vjp: ({ attrs, inputs: [x], gradient, emit }) => emit(backward, [x, gradient], attrs),
    axes: eachElement(),
    onnx: (context) => f.onnx(context.names[0], context),
    sample: (draw) => ({ inputs: [{ shape: drawShape(draw) }], attrs: drawAttrs(draw) }),
  })
  const backward = defineOp<`${Name}.vjp`, Attrs>({
    name: `${name}.vjp`,
    formula: f.slopeFormula,
    infer(inputs) {
      const fits = inputs.length === 2 && sameShape(inputs[0].shape, inputs[1].shape)
      requireInputs(`${name}.vjp`, inputs, 'x and g of one shape', fits)
      return float(inputs[0].shape)
    },
    forward(out, [x, g], { attrs }) {
      for (let i = 0; i < out.length; i++) out[i] = g[i] * f.slope(x[i], attrs)
    },
    vjp: 'none',
    axes: eachElement({ linear: [1] }),
    onnx: (context) => context.node('Mul', [context.names[1], f.onnxSlope(context.names[0], context)]),
    sample(draw) {
      const x = { shape: drawShape(draw) }
      return { inputs: [x, x], attrs: drawAttrs(draw) }
    },
  })
  return [forward, backward]
}

/** 1 where the condition holds, 0 elsewhere. */
export function onnxIndicator({ node, floats }: OnnxContext<any>, condition: string): string {
  return node('Where', [condition, floats([1], []), floats([0], [])])
}
