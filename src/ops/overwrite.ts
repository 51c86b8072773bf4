import { type Shape, sameShape } from '../core/shape.ts'
import { defineOp, float, type OfferNode, type Ref, type Replacement, type Rows, requireInputs } from './define.ts'
import { eachElement } from './shared/axes.ts'
import { BOOL } from './shared/onnx.ts'
import { drawRepeated, drawShape, repeatedIndex, repeatsTo } from './shared/repeat.ts'

// y = mask ≠ 0 ? source : value        value, y of one shape; source and mask (0 or 1) repeat to it
//
// The gradient is part of what is asked for:
//   block    dvalue = dy where not overwritten, else 0     nothing for the source
//   straight-through  dvalue = dy                                   nothing for the source
//   source   dvalue as in block                            dsource = Σ_repeated dy · mask

interface Attrs {
  readonly gradient: 'block' | 'straight-through' | 'source'
}

export const overwrite = defineOp<'overwrite', Attrs>({
  name: 'overwrite',
  formula: 'y = mask ≠ 0 ? source : value',
  infer(inputs) {
    const [value, source, mask] = inputs
    requireInputs(
      'overwrite',
      inputs,
      'three floats value, source and mask, where source and mask repeat to the shape of value',
      inputs.length === 3 &&
        inputs.every(({ dtype }) => dtype === 'float') &&
        repeatsTo(source.shape, value.shape) &&
        repeatsTo(mask.shape, value.shape),
    )
    return float(value.shape)
  },
  forward(out, [value, source, mask], { inputs, shape }) {
    for (let i = 0; i < out.length; i++) {
      const chosen = mask[repeatedIndex(i, shape, inputs[2])] !== 0
      out[i] = chosen ? source[repeatedIndex(i, shape, inputs[1])] : value[i]
    }
  },
  vjp({ attrs: { gradient: rule }, inputs: [, source, mask], gradient, emit, shapeOf }, index) {
    if (index === 0) {
      if (rule === 'straight-through') return gradient
      return emit('overwrite', [gradient, emit('constant', [], { shape: [], value: 0 }), mask], { gradient: rule })
    }
    if (index === 2 || rule !== 'source') return 'blocked'
    return emit('reduce-sum', [emit('multiply', [gradient, mask])], { shape: shapeOf(source) })
  },
  axes: eachElement(),
  onnx({ names: [value, source, mask], node }) {
    return node('Where', [node('Cast', [mask], { to: BOOL }), source, value])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const [source, mask] = [drawRepeated(draw, shape), drawRepeated(draw, shape)]
    return {
      inputs: [{ shape }, { shape: source }, { shape: mask, binary: true }],
      // Not `straight-through`: its gradient is not the derivative, by intention, so no finite difference can confirm it.
      attrs: { gradient: draw.pick(['block', 'source'] as const) },
    }
  },
  memory: { over: 0 },
  rewrites: [
    {
      // Written nowhere it is the value, and everywhere the source; with zeros in some rows, the other rows among zeros.
      kind: 'simplify',
      offer({ attrs: { gradient }, inputs: [value, source, mask], shape }, { look, shapeOf }) {
        const kept = keptRows(look(mask), shape)
        if (kept === undefined || gradient === 'straight-through') return undefined
        if (kept.some(({ indices, length }) => indices.length === length)) return renamed(value, shape)
        const [rows, ...more] = kept.filter(({ indices }) => indices.length > 0)
        if (rows === undefined) {
          const whole = sameShape(shapeOf(source), shape)
            ? source
            : { op: 'broadcast', attrs: { shape }, inputs: [source] }
          return gradient === 'source' ? renamed(whole, shape) : { op: 'stop-gradient', attrs: {}, inputs: [whole] }
        }
        const from = look(source)
        if (more.length > 0 || from?.op !== 'constant' || from.attrs.value !== 0) return undefined
        const { axis, indices } = rows
        return { op: 'put', attrs: rows, inputs: [{ op: 'take', attrs: { axis, indices }, inputs: [value] }] }
      },
    },
  ],
})

/** By axis of a mask over `shape`: the rows that it does not select, and how many there are. */
function keptRows(mask: OfferNode<any> | undefined, shape: Shape): (Rows & { readonly length: number })[] | undefined {
  if (mask?.op !== 'mask' || mask.attrs.edges || mask.attrs.causal) return undefined
  return mask.shape.map((length, i) => {
    const selected: readonly number[] | null = mask.attrs.select[i]
    const indices = Array.from({ length }, (_, row) => row).filter((row) => selected?.includes(row) === false)
    return { axis: shape.length - mask.shape.length + i, indices, length }
  })
}

function renamed(value: Ref | Replacement, shape: Shape): Replacement {
  return { op: 'reshape', attrs: { shape }, inputs: [value] }
}
