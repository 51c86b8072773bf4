import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { type Draw, defineOp, float, requireInputs, type ValueType } from './define.ts'
import { drawShape, withLength } from './shared/repeat.ts'

// y[…, i, …] = x[…, indices[i], …]        along one axis; indices may repeat and come in any order
// dx[…, j, …] = Σ_{i: indices[i] = j} dy[…, i, …]

interface Attrs {
  readonly axis: number
  readonly indices: readonly number[]
}

export const take = defineOp<'take', Attrs>({
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
    return emit('take.vjp', [gradient], { axis, indices, length: shapeOf(x)[axis] })
  },
  rowwise: otherAxes,
  onnx({ names: [x], attrs: { axis, indices }, node, int64s }) {
    return node('Gather', [x, int64s(indices, [indices.length])], { axis })
  },
  sample(draw) {
    const shape = drawShape(draw)
    const axis = draw.int(0, shape.length - 1)
    const input = draw.pick([{ shape }, { shape, below: 9 }])
    return { inputs: [input], attrs: { axis, indices: drawIndices(draw, shape[axis]) } }
  },
  selects: ({ axis, indices }) => ({ axis, indices }),
})

export const takeVjp = defineOp<'take.vjp', Attrs & { readonly length: number }>({
  name: 'take.vjp',
  formula: 'dx[…, j, …] = Σ_{i: indices[i] = j} dy[…, i, …]',
  infer(inputs, { axis, indices, length }) {
    const shape = shapeWithAxis('take.vjp', inputs, axis)
    requireInputs(
      'take.vjp',
      inputs,
      `a float with ${indices.length} rows along axis ${axis}`,
      inputs[0].dtype === 'float' && shape[axis] === indices.length,
    )
    const whole = withLength(shape, axis, length)
    requireIndices('take.vjp', indices, whole, axis)
    return float(whole)
  },
  forward(out, [g], { attrs: { axis, indices, length }, inputs: [from] }) {
    const inner = sizeOf(from.slice(axis + 1))
    out.fill(0)
    for (let i = 0; i < g.length; i++) {
      const row = Math.floor(i / inner)
      const outer = Math.floor(row / indices.length)
      out[(outer * length + indices[row % indices.length]) * inner + (i % inner)] += g[i]
    }
  },
  vjp: 'none',
  rowwise: otherAxes,
  // As a matrix product with the 0/1 matrix [length, indices], the axis moved to the front and back again.
  onnx({ names: [g], attrs: { axis, indices, length }, inputs: [from], node, floats, int64s }) {
    const n = indices.length
    const toFront = [axis, ...from.keys()].filter((a, i) => i === 0 || a !== axis)
    const back = [...from.keys()].map((a) => toFront.indexOf(a))
    const rows = node('Reshape', [node('Transpose', [g], { perm: toFront }), int64s([n, sizeOf(from) / n], [2])])
    const scatter = Array.from({ length: length * n }, (_, i) => Number(indices[i % n] === Math.floor(i / n)))
    const sums = node('MatMul', [floats(scatter, [length, n]), rows])
    const shape = toFront.map((a) => (a === axis ? length : from[a]))
    return node('Transpose', [node('Reshape', [sums, int64s(shape, [shape.length])])], { perm: back })
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
})

function shapeWithAxis(op: string, inputs: readonly ValueType[], axis: number): Shape {
  const rank = inputs[0]?.shape.length ?? 0
  requireInputs(op, inputs, `one value with an axis ${axis}`, inputs.length === 1 && axis >= 0 && axis < rank)
  return inputs[0].shape
}

function requireIndices(op: string, indices: readonly number[], shape: Shape, axis: number): void {
  if (indices.length > 0 && indices.every((i) => Number.isInteger(i) && i >= 0 && i < shape[axis])) return
  throw new OpsinError('VALUE', {
    where: `${op}: indices`,
    expected: `at least one index from 0 to ${shape[axis] - 1} (axis ${axis} of ${showShape(shape)})`,
    got: `[${indices.join(', ')}]`,
  })
}

function otherAxes({ attrs, shape }: { attrs: Attrs; shape: Shape }): ([number] | null)[] {
  return shape.map((_, axis) => (axis === attrs.axis ? null : [axis]))
}

function drawIndices(draw: Draw, below: number): number[] {
  return Array.from({ length: draw.size() }, () => draw.int(0, below - 1))
}
