import { sizeOf } from '../../../core/shape.ts'
import type { KernelExports } from '../generated/kernels.ts'
import type { Kernel } from './kernel.ts'

/** Each element of one value. */
function each(pick: (exports: KernelExports) => (out: number, x: number, n: number) => void): Kernel {
  return {
    bind(exports, { out, inputs: [x] }, { shape }) {
      const [compute, n] = [pick(exports), sizeOf(shape)]
      return () => compute(out, x, n)
    },
  }
}

/** Each element of two values of one shape. */
function eachOfTwo(pick: (exports: KernelExports) => (out: number, a: number, b: number, n: number) => void): Kernel {
  return {
    bind(exports, { out, inputs: [a, b] }, { shape }) {
      const [compute, n] = [pick(exports), sizeOf(shape)]
      return () => compute(out, a, b, n)
    },
  }
}

export const elementwiseKernels = {
  add: eachOfTwo(({ add }) => add),
  gelu: each(({ gelu }) => gelu),
  'gelu.vjp': eachOfTwo(({ geluVjp }) => geluVjp),
  'gelu-exact': each(({ geluExact }) => geluExact),
  'gelu-exact.vjp': eachOfTwo(({ geluExactVjp }) => geluExactVjp),
  relu: each(({ relu }) => relu),
  'relu.vjp': eachOfTwo(({ reluVjp }) => reluVjp),
  sigmoid: each(({ sigmoid }) => sigmoid),
  'sigmoid.vjp': eachOfTwo(({ sigmoidVjp }) => sigmoidVjp),
  silu: each(({ silu }) => silu),
  'silu.vjp': eachOfTwo(({ siluVjp }) => siluVjp),
  tanh: each(({ tanh }) => tanh),
  'tanh.vjp': eachOfTwo(({ tanhVjp }) => tanhVjp),
}
