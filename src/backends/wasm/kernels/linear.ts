import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { matmulScratch, matmulTransposedAScratch } from './matmul-scratch.ts'

const linear: Kernel = {
  scratch: ({ inputs: [, w], shape }) => matmulScratch(rowsAndWidth(shape)[0], w[0]),
  bind({ matmul }, { out, inputs: [x, w, b], scratch }, { inputs: [, [nIn, nOut]], shape }) {
    const [rows] = rowsAndWidth(shape)
    const bias = b ?? 0
    return () => matmul(out, nOut, x, nIn, w, nOut, 0, bias, rows, nIn, nOut, scratch)
  },
}

const linearVjpX: Kernel = {
  scratch: ({ inputs: [, w], shape }) => matmulScratch(rowsAndWidth(shape)[0], w[1]),
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [, [nIn, nOut]], shape }) {
    const [rows] = rowsAndWidth(shape)
    return () => matmul(out, nIn, g, nOut, w, nOut, 1, 0, rows, nOut, nIn, scratch)
  },
}

const linearVjpWeight: Kernel = {
  scratch({ inputs: [x], shape: [, nOut] }) {
    const [rows] = rowsAndWidth(x)
    return matmulTransposedAScratch(rows, nOut)
  },
  bind({ matmulTransposedA }, { out, inputs: [x, g], scratch }, { inputs: [from], shape: [nIn, nOut] }) {
    const [rows] = rowsAndWidth(from)
    return () => matmulTransposedA(out, nOut, x, nIn, g, nOut, rows, nIn, nOut, scratch)
  },
}

export const linearKernels = { linear, 'linear.vjp.x': linearVjpX, 'linear.vjp.weight': linearVjpWeight }
