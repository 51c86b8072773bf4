import type { Kernels } from './kernel.ts'
import { linearKernels } from './linear.ts'

/** The ops that have a kernel. An op that is not here runs its own `forward` over the same memory: right, but slow. */
export const kernels: Kernels = {
  ...linearKernels,
}
