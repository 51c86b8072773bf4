import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const softmax: Kernel = {
  bind({ softmax }, { out, inputs: [x] }, { shape }) {
    const [rows, width] = rowsAndWidth(shape)
    return () => softmax(out, x, rows, width)
  },
}

const softmaxVjp: Kernel = {
  bind({ softmaxVjp }, { out, inputs: [y, g] }, { shape }) {
    const [rows, width] = rowsAndWidth(shape)
    return () => softmaxVjp(out, y, g, rows, width)
  },
}

export const softmaxKernels = { softmax, 'softmax.vjp': softmaxVjp }
