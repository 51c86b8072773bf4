import { rowsAndColumns } from '../../arena.ts'
import type { Kernel } from './kernel.ts'

const FLOAT_BYTES = 4
const PANEL = 8
const STRIP = 4
/** Where each column starts, and a tile for what lies over the edge. */
const HEADER = PANEL + STRIP * PANEL

const linear: Kernel = {
  scratch: ({ inputs: [, w] }) => (HEADER + w[0] * PANEL) * FLOAT_BYTES,
  bind({ matmul }, { out, inputs: [x, w, b], scratch }, { inputs: [, [nIn, nOut]], shape }) {
    const [rows] = rowsAndColumns(shape)
    const bias = b ?? 0
    return () => matmul(out, nOut, x, nIn, w, 0, bias, rows, nIn, nOut, scratch)
  },
}

const linearVjpX: Kernel = {
  scratch: ({ inputs: [, w] }) => (HEADER + w[1] * PANEL) * FLOAT_BYTES,
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [, [nIn, nOut]], shape }) {
    const [rows] = rowsAndColumns(shape)
    return () => matmul(out, nIn, g, nOut, w, 1, 0, rows, nOut, nIn, scratch)
  },
}

const linearVjpWeight: Kernel = {
  scratch({ inputs: [x], shape: [, nOut] }) {
    const [rows] = rowsAndColumns(x)
    return (HEADER + rows * (STRIP + Math.ceil(nOut / PANEL) * PANEL)) * FLOAT_BYTES
  },
  bind({ matmulTransposedA }, { out, inputs: [x, g], scratch }, { inputs: [from], shape: [nIn, nOut] }) {
    const [rows] = rowsAndColumns(from)
    return () => matmulTransposedA(out, x, nIn, g, nOut, rows, nIn, nOut, scratch)
  },
}

export const linearKernels = { linear, 'linear.vjp.x': linearVjpX, 'linear.vjp.weight': linearVjpWeight }
