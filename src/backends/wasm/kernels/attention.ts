import type { CausalAttrs } from '../../../ops/shared/causal.ts'
import type { Kernel } from './kernel.ts'
import { visibleKeys } from './visible-keys.ts'

const attentionScores: Kernel<{ readonly scale: number }> = {
  bind({ attentionScores }, { out, inputs: [q, k] }, { attrs: { scale }, inputs: [from], shape }) {
    const [batch, heads, n, m] = shape
    const width = from[3]
    return () => attentionScores(out, q, k, batch, heads, n, m, width, scale)
  },
}

const attentionMix: Kernel<{ readonly scale: number; readonly transpose: boolean }> = {
  bind({ attentionMix }, { out, inputs: [p, v] }, { attrs: { scale, transpose }, inputs, shape }) {
    const [batch, n, heads, width] = shape
    const m = inputs[1][1]
    const transposed = Number(transpose)
    return () => attentionMix(out, p, v, batch, heads, n, m, width, scale, transposed)
  },
}

const causalMask: Kernel<CausalAttrs & { readonly value: number }> = {
  table: visibleKeys,
  bind({ causalMask }, { out, inputs: [x], table }, { attrs: { value }, shape: [batch, heads, queries, keys] }) {
    const matrices = batch * heads
    return () => causalMask(out, x, table, matrices, queries, keys, value)
  },
}

export const attentionKernels = {
  'attention-scores': attentionScores,
  'attention-mix': attentionMix,
  'causal-mask': causalMask,
}
