import type { Kernel } from './kernel.ts'
import { repetition } from './repetition.ts'

const overwrite: Kernel = {
  bind({ overwrite }, { out, inputs: [value, source, mask] }, { inputs, shape }) {
    const loops = repetition(shape, [inputs[1], inputs[2]])
    if (loops === undefined) return undefined
    const [n0, n1, n2, n3] = loops.sizes
    const [[s0, s1, s2, s3], [m0, m1, m2, m3]] = loops.strides
    return () => overwrite(out, value, source, mask, n0, n1, n2, n3, s0, s1, s2, s3, m0, m1, m2, m3)
  },
}

export const overwriteKernels = { overwrite }
