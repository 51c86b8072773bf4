import type { Kernel } from './kernel.ts'
import { repetition } from './repetition.ts'

const broadcast: Kernel = {
  bind({ broadcast }, { out, inputs: [x] }, { inputs, shape }) {
    const loops = repetition(shape, [inputs[0]])
    if (loops === undefined) return undefined
    const [n0, n1, n2, n3] = loops.sizes
    const [[s0, s1, s2, s3]] = loops.strides
    return () => broadcast(out, x, n0, n1, n2, n3, s0, s1, s2, s3)
  },
}

export const broadcastKernels = { broadcast }
