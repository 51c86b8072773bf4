import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const gather: Kernel = {
  bind({ gather }, { out, inputs: [table, ids] }, { inputs: [[rows, ...rest], idShape] }) {
    const [count, width] = [sizeOf(idShape), sizeOf(rest)]
    return () => gather(out, table, ids, 1, count, rows, width, Number.NaN)
  },
}

const gatherVjp: Kernel = {
  bind({ scatter }, { out, inputs: [g, ids] }, { inputs: [, idShape], shape: [rows, ...rest] }) {
    const [count, width] = [sizeOf(idShape), sizeOf(rest)]
    return () => scatter(out, g, ids, 1, count, rows, width)
  },
}

const keepRows: Kernel = {
  scratch: ({ shape: [rows] }) => rows * 4,
  bind({ keepRows }, { out, inputs: [x, ids], scratch }, { inputs: [, idShape], shape: [rows, ...rest] }) {
    const [count, width] = [sizeOf(idShape), sizeOf(rest)]
    return () => keepRows(out, x, ids, count, rows, width, scratch)
  },
}

export const gatherKernels = { gather, 'gather.vjp': gatherVjp, 'keep-rows': keepRows }
