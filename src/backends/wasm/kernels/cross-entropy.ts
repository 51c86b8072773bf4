import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const crossEntropy: Kernel = {
  bind({ crossEntropy }, { out, inputs: [logits, targets] }, { inputs: [from] }) {
    const [rows, vocab] = rowsAndWidth(from)
    return () => crossEntropy(out, logits, targets, rows, vocab)
  },
}

const crossEntropyVjp: Kernel = {
  bind({ crossEntropyVjp }, { out, inputs: [logits, targets, g] }, { shape }) {
    const [rows, vocab] = rowsAndWidth(shape)
    return () => crossEntropyVjp(out, logits, targets, g, rows, vocab)
  },
}

export const crossEntropyKernels = { 'cross-entropy': crossEntropy, 'cross-entropy.vjp': crossEntropyVjp }
