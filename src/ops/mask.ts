import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y [shape] = 1 where, along every axis that has a list, the index is in the list, and where the edges are right;
// else 0. Query and key are the last two axes:
//   edges 'previous-token'   key = query − 1
//   causal                   key ≤ query

interface Attrs {
  readonly shape: Shape
  /** By axis: the selected indices, or `null` for all. */
  readonly select: readonly (readonly number[] | null)[]
  readonly edges?: 'previous-token'
  readonly causal?: true
}

export const mask = defineOp<'mask', Attrs>({
  name: 'mask',
  formula: 'y = 1 at the selected elements, else 0',
  infer(inputs, { shape, select, edges, causal }) {
    requireInputs('mask', inputs, 'no inputs', inputs.length === 0)
    const outside = select.some((list, axis) => list?.some((i) => !(i >= 0 && i < shape[axis])))
    if (select.length !== shape.length || outside) {
      throw new OpsinError('SHAPE', {
        where: 'mask: select',
        expected: `for each axis of ${showShape(shape)} a list of its indices, or null`,
        got: JSON.stringify(select),
      })
    }
    if ((edges || causal) && shape.length < 2) {
      throw new OpsinError('SHAPE', {
        where: `mask: ${edges ? 'edges' : 'causal'}`,
        expected: 'a shape that ends with the axes query and key',
        got: showShape(shape),
      })
    }
    return float(shape)
  },
  forward(out, _, { attrs: { shape, select, edges, causal } }) {
    const [queries, keys] = [shape[shape.length - 2], shape[shape.length - 1]]
    for (let i = 0; i < out.length; i++) {
      const key = i % keys
      const query = Math.floor(i / keys) % queries
      const edge = (edges === undefined || key === query - 1) && (!causal || key <= query)
      out[i] = Number(edge && isSelected(i, shape, select))
    }
  },
  vjp: 'none',
  axes({ attrs: { shape, edges, causal } }) {
    const tied = edges || causal ? shape.length - 2 : shape.length
    const loop = (axis: number) => ({
      over: [],
      attrs: (attrs: Attrs, rows: readonly number[]) => ofRows(attrs, axis, rows),
      placed: true as const,
    })
    return { output: shape.map((_, axis) => (axis < tied ? loop(axis) : null)) }
  },
  onnx(context) {
    const value = new Float32Array(sizeOf(context.shape))
    mask.forward(value, [], context)
    return context.node('Identity', [context.floats(value, context.shape)])
  },
  sample(draw) {
    const shape = drawShape(draw)
    const some = (n: number) => Array.from({ length: draw.size(n) }, () => draw.int(0, n - 1))
    const select = shape.map((n) => draw.pick([null, some(n)]))
    const edges = draw.pick([{}, { edges: 'previous-token' }, { causal: true }] as const)
    return { inputs: [], attrs: { shape, select, ...(shape.length >= 2 ? edges : {}) } }
  },
})

/** The attributes for some rows alone. */
function ofRows(attrs: Attrs, axis: number, rows: readonly number[]): Attrs {
  const select = attrs.select.map((list, i) =>
    i === axis && list ? rows.flatMap((row, at) => (list.includes(row) ? [at] : [])) : list,
  )
  return { ...attrs, shape: withLength(attrs.shape, axis, rows.length), select }
}

/** Whether element `index` (row-major) is in every list. */
function isSelected(index: number, shape: Shape, select: Attrs['select']): boolean {
  let rest = index
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (select[axis]?.includes(rest % shape[axis]) === false) return false
    rest = Math.floor(rest / shape[axis])
  }
  return true
}
