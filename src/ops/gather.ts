import { sizeOf } from '../core/shape.ts'
import { type Draw, defineOp, float, type KernelCall, requireInputs } from './define.ts'
import { INT64 } from './shared/onnx.ts'

// y [rows of ids…, d] = table[ids]        table [rows, d], ids int, each from 0 to rows − 1
// dtable[r] = Σ_{i: ids[i] = r} dy[i]     nothing for the ids

export const gather = defineOp({
  name: 'gather',
  formula: 'y[…, d] = table[ids[…], d]',
  infer(inputs) {
    const [table, ids] = inputs
    requireInputs(
      'gather',
      inputs,
      'a float table [rows, d] and int ids',
      inputs.length === 2 && table.shape.length === 2 && table.dtype === 'float' && ids.dtype === 'int',
    )
    return float([...ids.shape, table.shape[1]])
  },
  forward(out, [table, ids], { inputs: [[, d]] }) {
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] = table[ids[i] * d + j]
    }
  },
  vjp({ inputs: [table, ids], gradient, emit, shapeOf }) {
    return emit('gather.vjp', [gradient, ids], { rows: shapeOf(table)[0] })
  },
  rowwise({ shape }) {
    const last = shape.length - 1
    return shape.map((_, axis) => (axis === last ? [1, null] : [null, axis]))
  },
  onnx: ({ names: [table, ids], node }) => node('Gather', [table, ids], { axis: 0 }),
  sample(draw) {
    const [rows, d] = [draw.size(12), draw.size(17)]
    return { inputs: [{ shape: [rows, d] }, { shape: idShape(draw), below: rows }], attrs: {} }
  },
})

export const gatherVjp = defineOp<'gather.vjp', { readonly rows: number }>({
  name: 'gather.vjp',
  formula: 'dtable[r, d] = Σ_{i: ids[i] = r} dy[i, d]',
  infer(inputs, { rows }) {
    const [g, ids] = inputs
    requireInputs(
      'gather.vjp',
      inputs,
      'a float dy [rows of ids…, d] and int ids',
      inputs.length === 2 &&
        g.dtype === 'float' &&
        ids.dtype === 'int' &&
        g.shape.length === ids.shape.length + 1 &&
        ids.shape.every((n, axis) => n === g.shape[axis]),
    )
    return float([rows, g.shape[g.shape.length - 1]])
  },
  forward(out, [g, ids], { shape: [, d] }) {
    out.fill(0)
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < d; j++) out[ids[i] * d + j] += g[i * d + j]
    }
  },
  vjp: 'none',
  rowwise: ({ inputs: [g] }: KernelCall<unknown>) => [null, [g.length - 1, null]],
  onnx({ names: [g, ids], inputs, shape: [rows, d], node, floats, int64s }) {
    const n = sizeOf(inputs[1])
    const where = node('Reshape', [node('Cast', [ids], { to: INT64 }), int64s([n, 1], [2])])
    const flat = node('Reshape', [g, int64s([n, d], [2])])
    const zeros = node('Expand', [floats([0], []), int64s([rows, d], [2])])
    return node('ScatterND', [zeros, where, flat], { reduction: 'add' })
  },
  sample(draw) {
    const [rows, d, ids] = [draw.size(12), draw.size(17), idShape(draw)]
    return { inputs: [{ shape: [...ids, d] }, { shape: ids, below: rows }], attrs: { rows } }
  },
})

function idShape(draw: Draw): number[] {
  return draw.pick([true, false]) ? [draw.size(19)] : [draw.size(4), draw.size(5)]
}
