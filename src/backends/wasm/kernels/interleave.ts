import type { Kernel } from './kernel.ts'

const interleave: Kernel = {
  bind({ interleave }, { out, inputs: [a, b] }, { inputs: [[batch, n, width], [, m]] }) {
    return () => interleave(out, a, b, batch, n, m, width)
  },
}

export const interleaveKernels = { interleave }
