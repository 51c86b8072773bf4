import type { Kernel } from './kernel.ts'
import { loopsOver } from './repetition.ts'

const multiply: Kernel = {
  table: ({ inputs: [, b], shape }) => loopsOver(shape, [b]),
  bind({ multiply }, { out, inputs: [a, b], table }) {
    return () => multiply(out, a, b, table)
  },
}

export const multiplyKernels = { multiply }
