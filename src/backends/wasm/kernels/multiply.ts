import type { Kernel } from './kernel.ts'
import { repetition } from './repetition.ts'

const multiply: Kernel = {
  bind({ multiply }, { out, inputs: [a, b] }, { inputs, shape }) {
    const loops = repetition(shape, [inputs[1]])
    if (loops === undefined) return undefined
    const [n0, n1, n2, n3] = loops.sizes
    const [[s0, s1, s2, s3]] = loops.strides
    return () => multiply(out, a, b, n0, n1, n2, n3, s0, s1, s2, s3)
  },
}

export const multiplyKernels = { multiply }
