import { type Shape, sizeOf } from '../../../core/shape.ts'
import type { KernelExports } from '../generated/kernels.ts'
import type { Kernel } from './kernel.ts'
import { repetition } from './repetition.ts'

const reduceSum: Kernel = {
  bind: (exports, { out, inputs: [x] }, { inputs, shape }) => bindSum(exports, out, shape, x, inputs[0]),
}

const sumHeads: Kernel = {
  bind(exports, { out, inputs: [r] }, { inputs: [from], shape: [batch, pos, width] }) {
    return bindSum(exports, out, [batch, pos, 1, width], r, from)
  },
}

/** out = Σ x, down to a shape that repeats to that of x. */
function bindSum({ reduceSum }: KernelExports, out: number, shape: Shape, x: number, from: Shape) {
  const loops = repetition(from, [shape])
  if (loops === undefined) return undefined
  const size = sizeOf(shape)
  const [n0, n1, n2, n3] = loops.sizes
  const [[s0, s1, s2, s3]] = loops.strides
  return () => reduceSum(out, size, x, n0, n1, n2, n3, s0, s1, s2, s3)
}

export const reduceSumKernels = { 'reduce-sum': reduceSum, 'sum-heads': sumHeads }
