import type { Kernel } from './kernel.ts'
import { loopsOver } from './repetition.ts'

const overwrite: Kernel = {
  table: ({ inputs: [, source, mask], shape }) => loopsOver(shape, [source, mask]),
  bind({ overwrite }, { out, inputs: [value, source, mask], table }) {
    return () => overwrite(out, value, source, mask, table)
  },
}

export const overwriteKernels = { overwrite }
