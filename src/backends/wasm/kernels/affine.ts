import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const affine: Kernel = {
  bind({ affine }, { out, inputs: [x, w, b] }, { shape }) {
    const [rows, width] = rowsAndWidth(shape)
    const shift = b ?? 0
    return () => affine(out, x, w, shift, rows, width)
  },
}

const affineVjpWeight: Kernel = {
  bind({ affineVjpWeight }, { out, inputs: [x, g] }, { inputs: [from] }) {
    const [rows, width] = rowsAndWidth(from)
    return () => affineVjpWeight(out, x, g, rows, width)
  },
}

export const affineKernels = { affine, 'affine.vjp.weight': affineVjpWeight }
