import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const add: Kernel = {
  bind({ add }, { out, inputs: [a, b] }, { shape }) {
    const n = sizeOf(shape)
    return () => add(out, a, b, n)
  },
}

export const addKernels = { add }
