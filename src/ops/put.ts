import { sizeOf } from '../core/shape.ts'
import { defineOp, float, type Rows, requireInputs } from './define.ts'
import { drawIndices, requireIndices, shapeWithAxis } from './shared/along-axis.ts'
import { allBut } from './shared/axes.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y[…, j, …] = Σ_{i: indices[i] = j} x[…, i, …]        along one axis of `length`: 0 where no row is put
// dx[…, i, …] = dy[…, indices[i], …]                   take dy

interface Attrs extends Rows {
  readonly length: number
}

export const put = defineOp<'put', Attrs>({
  name: 'put',
  formula: 'y[…, j, …] = Σ_{i: indices[i] = j} x[…, i, …]',
  infer(inputs, { axis, indices, length }) {
    const shape = shapeWithAxis('put', inputs, axis)
    requireInputs(
      'put',
      inputs,
      `a float with ${indices.length} rows along axis ${axis}`,
      inputs[0].dtype === 'float' && shape[axis] === indices.length,
    )
    const whole = withLength(shape, axis, length)
    requireIndices('put', indices, whole, axis)
    return float(whole)
  },
  forward(out, [x], { attrs: { axis, indices, length }, inputs: [from] }) {
    const inner = sizeOf(from.slice(axis + 1))
    out.fill(0)
    for (let i = 0; i < x.length; i++) {
      const row = Math.floor(i / inner)
      const outer = Math.floor(row / indices.length)
      out[(outer * length + indices[row % indices.length]) * inner + (i % inner)] += x[i]
    }
  },
  vjp: ({ attrs: { axis, indices }, gradient, emit }) => emit('take', [gradient], { axis, indices }),
  axes: allBut(({ attrs }) => attrs.axis, { linear: [0] }),
  // As a matrix product with the 0/1 matrix [indices, length], the axis moved to the end and back again.
  onnx({ names: [x], attrs: { axis, indices, length }, inputs: [from], node, floats }) {
    const n = indices.length
    const toEnd = [...from.keys()].filter((a) => a !== axis).concat(axis)
    const back = [...from.keys()].map((a) => toEnd.indexOf(a))
    const scatter = Array.from({ length: n * length }, (_, i) => Number(indices[Math.floor(i / length)] === i % length))
    const rows = node('Transpose', [x], { perm: toEnd })
    return node('Transpose', [node('MatMul', [rows, floats(scatter, [n, length])])], { perm: back })
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    const indices = drawIndices(draw, shape[axis])
    return {
      inputs: [{ shape: withLength(shape, axis, indices.length) }],
      attrs: { axis, indices, length: shape[axis] },
    }
  },
  moves: { kind: 'put', rows: ({ axis, indices }) => ({ axis, indices }) },
  rewrites: [
    {
      // put(put(x)) = put(x)
      kind: 'simplify',
      offer({ attrs: { axis, indices, length }, inputs: [x] }, { look }) {
        const inner = look(x)
        if (inner?.op !== 'put' || inner.attrs.axis !== axis) return undefined
        const places = inner.attrs.indices.map((row: number) => indices[row])
        return { op: 'put', attrs: { axis, indices: places, length }, inputs: inner.inputs }
      },
    },
  ],
})
