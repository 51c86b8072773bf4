import { rowsAndWidth } from '../../../core/shape.ts'
import type { CausalAttrs } from '../../../ops/shared/causal.ts'
import type { Kernel } from './kernel.ts'
import { visibleKeys } from './visible-keys.ts'

/** Sixteen times four floats. */
const scratch = () => 256

const softmax: Kernel = {
  scratch,
  bind({ softmax }, { out, inputs: [x], scratch }, { shape }) {
    const [rows, width] = rowsAndWidth(shape)
    return () => softmax(out, x, rows, width, scratch)
  },
}

const causalSoftmax: Kernel<CausalAttrs> = {
  scratch,
  table: visibleKeys,
  bind({ causalSoftmax }, { out, inputs: [x], scratch, table }, { shape: [batch, heads, queries, keys] }) {
    const matrices = batch * heads
    return () => causalSoftmax(out, x, table, matrices, queries, keys, scratch)
  },
}

const softmaxVjp: Kernel = {
  bind({ softmaxVjp }, { out, inputs: [y, g] }, { shape }) {
    const [rows, width] = rowsAndWidth(shape)
    return () => softmaxVjp(out, y, g, rows, width)
  },
}

export const softmaxKernels = { softmax, 'causal-softmax': causalSoftmax, 'softmax.vjp': softmaxVjp }
