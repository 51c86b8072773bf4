import { sizeOf } from '../core/shape.ts'
import { type Draw, defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { INT64 } from './shared/onnx.ts'

// y [ids…, rest…] = table[ids]            table [rows, rest…], ids int, each from 0 to rows − 1
// dtable[r] = Σ_{i: ids[i] = r} dy[i]     nothing for the ids

export const gather = defineOp({
  name: 'gather',
  formula: 'y[ids…, rest…] = table[ids, rest…]',
  infer(inputs) {
    const [table, ids] = inputs
    requireInputs(
      'gather',
      inputs,
      'a float table [rows, rest…] and int ids',
      inputs.length === 2 && table.shape.length >= 2 && table.dtype === 'float' && ids.dtype === 'int',
    )
    return float([...ids.shape, ...table.shape.slice(1)])
  },
  forward(out, [table, ids], { inputs: [[, ...rest]] }) {
    const d = sizeOf(rest)
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] = table[ids[i] * d + j]
    }
  },
  vjp({ inputs: [table, ids], gradient, emit, shapeOf }) {
    return emit('gather.vjp', [gradient, ids], { rows: shapeOf(table)[0] })
  },
  axes: loops('* d…, i… -> i… d…', { linear: [0] }),
  onnx: ({ names: [table, ids], node }) => node('Gather', [table, ids], { axis: 0 }),
  sample(draw) {
    const rows = draw.size(12)
    return { inputs: [{ shape: [rows, ...restShape(draw)] }, { shape: idShape(draw), below: rows }], attrs: {} }
  },
  moves: { kind: 'gather' },
})

export const gatherVjp = defineOp<'gather.vjp', { readonly rows: number }>({
  name: 'gather.vjp',
  formula: 'dtable[r, d] = Σ_{i: ids[i] = r} dy[i, d]',
  infer(inputs, { rows }) {
    const [g, ids] = inputs
    requireInputs(
      'gather.vjp',
      inputs,
      'a float dy [ids…, rest…] and int ids',
      inputs.length === 2 &&
        g.dtype === 'float' &&
        ids.dtype === 'int' &&
        g.shape.length > ids.shape.length &&
        ids.shape.every((n, axis) => n === g.shape[axis]),
    )
    return float([rows, ...g.shape.slice(ids.shape.length)])
  },
  forward(out, [g, ids], { shape: [, ...rest] }) {
    const d = sizeOf(rest)
    out.fill(0)
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < d; j++) out[ids[i] * d + j] += g[i * d + j]
    }
  },
  vjp: 'none',
  axes: loops('*… d…, *… -> * d…', { linear: [0] }),
  onnx({ names: [g, ids], shape: [rows, ...rest], node, floats, int64s }) {
    const d = sizeOf(rest)
    const where = node('Reshape', [node('Cast', [ids], { to: INT64 }), int64s([-1, 1], [2])])
    const flat = node('Reshape', [g, int64s([-1, d], [2])])
    const zeros = node('Expand', [floats([0], []), int64s([rows, d], [2])])
    const sums = node('ScatterND', [zeros, where, flat], { reduction: 'add' })
    return node('Reshape', [sums, int64s([rows, ...rest], [1 + rest.length])])
  },
  sample(draw) {
    const [rows, ids] = [draw.size(12), idShape(draw)]
    return { inputs: [{ shape: [...ids, ...restShape(draw)] }, { shape: ids, below: rows }], attrs: { rows } }
  },
})

function idShape(draw: Draw): number[] {
  return draw.pick([true, false]) ? [draw.size(19)] : [draw.size(4), draw.size(5)]
}

function restShape(draw: Draw): number[] {
  return draw.pick([true, false]) ? [draw.size(17)] : [draw.size(3), draw.size(5)]
}
