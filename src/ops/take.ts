import { sizeOf } from '../core/shape.ts'
import { defineOp, type OfferView, type Ref, type Replacement, type Rows } from './define.ts'
import { drawIndices, requireIndices, shapeWithAxis } from './shared/along-axis.ts'
import { allBut } from './shared/axes.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y[…, i, …] = x[…, indices[i], …]        along one axis; indices may repeat and come in any order
// dx = put dy

export const take = defineOp<'take', Rows>({
  name: 'take',
  formula: 'y[…, i, …] = x[…, indices[i], …]',
  infer(inputs, { axis, indices }) {
    const shape = shapeWithAxis('take', inputs, axis)
    requireIndices('take', indices, shape, axis)
    return { shape: withLength(shape, axis, indices.length), dtype: inputs[0].dtype }
  },
  forward(out, [x], { attrs: { axis, indices }, inputs: [from] }) {
    const inner = sizeOf(from.slice(axis + 1))
    for (let i = 0; i < out.length; i++) {
      const row = Math.floor(i / inner)
      const outer = Math.floor(row / indices.length)
      out[i] = x[(outer * from[axis] + indices[row % indices.length]) * inner + (i % inner)]
    }
  },
  vjp({ attrs: { axis, indices }, inputs: [x], gradient, emit, shapeOf }) {
    return emit('put', [gradient], { axis, indices, length: shapeOf(x)[axis] })
  },
  axes: allBut(({ attrs }) => attrs.axis, { linear: [0] }),
  // Rows that follow one another are a slice, which two numbers say.
  onnx({ names: [x], attrs: { axis, indices }, node, int64s }) {
    const [first] = indices
    if (indices.length > 0 && indices.every((row, i) => row === first + i)) {
      const end = first + indices.length
      return node('Slice', [x, int64s([first], [1]), int64s([end], [1]), int64s([axis], [1])])
    }
    return node('Gather', [x, int64s(indices, [indices.length])], { axis })
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    const input = draw.pick([{ shape }, { shape, below: 9 }])
    return { inputs: [input], attrs: { axis, indices: drawIndices(draw, shape[axis]) } }
  },
  moves: { kind: 'take', rows: ({ axis, indices }) => ({ axis, indices }) },
  rewrites: [
    {
      // Of rows that were put among zeros: those of them that are taken, among what zeros are left
      kind: 'simplify',
      offer({ attrs: { axis, indices }, inputs: [x], shape }, { look }) {
        const placed = look(x)
        if (placed?.op !== 'put' || placed.attrs.axis !== axis) return undefined
        const places: readonly number[] = placed.attrs.indices
        if (new Set(places).size < places.length) return undefined
        const taken = indices.map((row) => places.indexOf(row))
        const kept = [...taken.keys()].filter((i) => taken[i] >= 0)
        if (kept.length === 0) return { op: 'constant', attrs: { shape, value: 0 }, inputs: [] }
        const rows = takenOf(placed.inputs[0], { axis, indices: kept.map((i) => taken[i]) }, look)
        if (kept.length === indices.length) return rows
        return { op: 'put', attrs: { axis, indices: kept, length: indices.length }, inputs: [rows] }
      },
    },
  ],
})

/** Rows of a value; of what was taken itself, at once. */
function takenOf(value: Ref, { axis, indices }: Rows, look: OfferView['look']): Replacement {
  const from = look(value)
  if (from?.op !== 'take' || from.attrs.axis !== axis) return { op: 'take', attrs: { axis, indices }, inputs: [value] }
  return { op: 'take', attrs: { axis, indices: indices.map((row) => from.attrs.indices[row]) }, inputs: from.inputs }
}
