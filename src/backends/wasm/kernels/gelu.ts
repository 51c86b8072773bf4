import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const gelu: Kernel = {
  bind({ gelu }, { out, inputs: [x] }, { shape }) {
    const n = sizeOf(shape)
    return () => gelu(out, x, n)
  },
}

const geluVjp: Kernel = {
  bind({ geluVjp }, { out, inputs: [x, g] }, { shape }) {
    const n = sizeOf(shape)
    return () => geluVjp(out, x, g, n)
  },
}

export const geluKernels = { gelu, 'gelu.vjp': geluVjp }
