import type { Kernel } from './kernel.ts'

const copyLogits: Kernel<{ readonly floor: number }> = {
  bind({ copyLogits }, { out, inputs: [scores, labels] }, { attrs: { floor }, inputs: [, [batch, length]], shape }) {
    const vocab = shape[1]
    return () => copyLogits(out, scores, labels, batch, length, vocab, floor)
  },
}

const copyLogitsVjp: Kernel = {
  bind({ copyLogitsVjp }, { out, inputs: [scores, labels, g] }, { inputs: [, [batch, length], [, vocab]] }) {
    return () => copyLogitsVjp(out, scores, labels, g, batch, length, vocab)
  },
}

export const copyLogitsKernels = { 'copy-logits': copyLogits, 'copy-logits.vjp': copyLogitsVjp }
