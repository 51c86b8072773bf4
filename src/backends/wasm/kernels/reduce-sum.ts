import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { loopsOver } from './repetition.ts'

const reduceSum: Kernel = {
  table: ({ inputs: [x], shape }) => loopsOver(x, [shape]),
  bind({ reduceSum }, { out, inputs: [x], table }, { shape }) {
    const size = sizeOf(shape)
    return () => reduceSum(out, size, x, table)
  },
}

const sumHeads: Kernel = {
  ...reduceSum,
  table: ({ inputs: [r], shape: [batch, pos, width] }) => loopsOver(r, [[batch, pos, 1, width]]),
}

export const reduceSumKernels = { 'reduce-sum': reduceSum, 'sum-heads': sumHeads }
